"""Forms of venue orders and offers; they clean input and know nothing else."""

from django import forms

from gongheng.places.venues.models import Centre, Seat
from gongheng.trading.coordination.rules import MOST_REROUTES, REROUTES

_REROUTES = [
    (0, "不改派，要约单不通过"), *((times, f"自动改派，最多 {times} 次") for times in range(1, MOST_REROUTES + 1)),
]


class OrderForm(forms.Form):
    """What a host asks of the venues; the main venue follows from the place of trade."""

    starts_at = forms.DateTimeField(label="评标开始时间", help_text="不得早于投标截止（开标）时间。")
    ends_at = forms.DateTimeField(label="评标结束时间", help_text="须与开始时间在同一天。")
    main_seats = forms.IntegerField(label="主场席位数", min_value=1, max_value=40)
    sub_venue = forms.ModelChoiceField(Centre.objects.none(), label="副场", empty_label="请选择")
    sub_seats = forms.IntegerField(
        label="副场席位数", min_value=1, max_value=40, help_text="至少2个；各会场合计为5以上单数。"
    )
    second_sub_venue = forms.ModelChoiceField(
        Centre.objects.none(), label="第二副场", required=False, empty_label="不设"
    )
    second_sub_seats = forms.IntegerField(label="第二副场席位数", min_value=1, max_value=40, required=False)
    reroute_limit = forms.TypedChoiceField(
        label="副场拒绝或逾期时", choices=_REROUTES, coerce=int, initial=REROUTES,
        help_text="改派按公开的《副场选择规则》进行，不由人挑选。",
    )
    contact = forms.CharField(label="联系人", max_length=40)
    phone = forms.CharField(label="联系电话", max_length=20)

    def __init__(self, *args, centres, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sub_venue"].queryset = self.fields["second_sub_venue"].queryset = centres

    def clean(self) -> dict:
        data = super().clean()
        first, second = data.get("sub_venue"), data.get("second_sub_venue")
        if second is not None and second == first:
            self.add_error("second_sub_venue", "第二副场须与副场不同。")
        if (second is None) != (data.get("second_sub_seats") is None):
            self.add_error("second_sub_seats", "第二副场与其席位数须同时填写，或同时留空。")
        return data

    def sub_venues(self) -> dict[Centre, int]:
        """Return {centre: seats} of one or two sub venues."""
        data = self.cleaned_data
        pairs = [(data["sub_venue"], data["sub_seats"]), (data["second_sub_venue"], data["second_sub_seats"])]
        return {centre: seats for centre, seats in pairs if centre is not None}


class ChangeForm(OrderForm):
    """What a host asks for instead of a confirmed order."""

    reason = forms.CharField(label="变更理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class MonthForm(forms.Form):
    """A month that a report is made for."""

    month = forms.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", label="月份")


class SeatsForm(forms.Form):
    """The seats that a centre names for an offer."""

    seats = forms.ModelMultipleChoiceField(Seat.objects.none(), label="席位")

    def __init__(self, *args, centre, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seats"].queryset = Seat.objects.filter(room__centre=centre).select_related("room")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
