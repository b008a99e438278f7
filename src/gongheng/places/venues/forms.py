"""Forms of rooms, seats, hours and fees; they clean input and know nothing else."""

from django import forms

from gongheng.kernel.regions import cities
from gongheng.places.venues.models import Centre, RoomKind, Seat

_DATE = {"type": "date"}
_WEEKDAYS = [(number, f"周{name}") for number, name in enumerate("一二三四五六日", 1)]


class DayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs=_DATE), required=False)


class CityForm(forms.Form):
    city = forms.ChoiceField(label="城市", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["city"].choices = [("", "全部"), *((one.code, one.name) for one in cities())]


class FaultForm(forms.Form):
    fault = forms.CharField(label="故障说明", max_length=100, required=False, help_text="留空表示席位恢复可用。")


class NewRoomForm(forms.Form):
    name = forms.CharField(label="评标室名称", max_length=40)
    floor = forms.CharField(label="楼层", max_length=20)
    kind = forms.ChoiceField(
        label="类型", choices=RoomKind.choices, help_text="混合评标室（席位制）：多个标段同室，同一标段只安排1名专家。"
    )
    seats = forms.IntegerField(label="席位数", min_value=1, max_value=40)
    camera_count = forms.IntegerField(label="摄像机数", min_value=0, max_value=99, initial=0)


class RoomForm(forms.Form):
    name = forms.CharField(label="评标室名称", max_length=40)
    floor = forms.CharField(label="楼层", max_length=20)
    kind = forms.ChoiceField(label="类型", choices=RoomKind.choices)
    camera_count = forms.IntegerField(label="摄像机数", min_value=0, max_value=99)
    is_enabled = forms.BooleanField(label="启用", required=False)


class NeighboursForm(forms.Form):
    neighbours = forms.ModelMultipleChoiceField(
        Seat.objects.none(), label="隔室相望的席位", required=False,
        help_text="能从本席位看到的其他评标室席位；同一标段的专家不会被安排在相望的席位上。",
    )

    def __init__(self, *args, seat: Seat, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["neighbours"]
        field.queryset = (
            Seat.objects.filter(room__centre=seat.room.centre_id).exclude(room=seat.room_id)
            .select_related("room").order_by("room__name", "number")
        )
        field.label_from_instance = lambda one: f"{one.room.name} {one.number} 号"


class HoursForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label="服务日", choices=_WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text="法定节假日不服务，调休上班日照常服务。",
    )
    opens_at = forms.TimeField(label="开始时间", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    closes_at = forms.TimeField(label="结束时间", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    @staticmethod
    def values_of(centre: Centre) -> dict:
        return {"weekdays": centre.weekdays, "opens_at": centre.opens_at, "closes_at": centre.closes_at}


class ClosedDayForm(forms.Form):
    day = forms.DateField(label="停止服务日期", widget=forms.DateInput(attrs=_DATE))
    reason = forms.CharField(label="原因", max_length=60)


class FeeRuleForm(forms.Form):
    valid_from = forms.DateField(label="生效日期", widget=forms.DateInput(attrs=_DATE))
    per_hour = forms.DecimalField(label="每小时（元）", min_value=0, max_digits=9, decimal_places=2)
    remote_allowance = forms.DecimalField(label="异地补助（元/场）", min_value=0, max_digits=9, decimal_places=2)
    overtime_after = forms.IntegerField(label="超时起算（小时）", min_value=1, max_value=24, initial=8)
    overtime_per_hour = forms.DecimalField(label="超时每小时（元）", min_value=0, max_digits=9, decimal_places=2)
