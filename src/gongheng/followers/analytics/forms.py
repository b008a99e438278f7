"""Forms of the screening desk; they clean input and know nothing else."""

from datetime import datetime, time

from django import forms

from gongheng.followers.analytics.lifecycle import Outcome
from gongheng.kernel.clock import SHANGHAI


class ReasonField(forms.CharField):
    """Why something is decided; it goes into the file of the lead, never into the log."""

    def __init__(self, label: str = "理由", **options):
        super().__init__(label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), **options)


class DismissForm(forms.Form):
    reason = ReasonField(help_text="写明哪一项无辜解释成立，依据什么材料。排除作为校准标签。")


class ShelveForm(forms.Form):
    reason = ReasonField(help_text="写明已核查什么、还缺什么。证据不足不作为校准标签。")


class ReopenForm(forms.Form):
    reason = ReasonField(help_text="写明出现了什么新情况。")


class TransferForm(forms.Form):
    authority = forms.CharField(label="移送机关", max_length=200, help_text="有管辖权的公安机关、市场监督管理部门等。")
    reason = ReasonField("移送意见", help_text="写入移送函：已核实的事实、排除的无辜解释、建议查明的事项。")


class AcceptForm(forms.Form):
    case_number = forms.CharField(label="受理文号或案号", max_length=60)


class FeedBackForm(forms.Form):
    outcome = forms.ChoiceField(label="查处结果", choices=Outcome.choices)
    reason = ReasonField("认定理由", help_text="按处理决定书、不予处罚决定书等文书填写。查实、排除作为校准标签。")
    penalty = forms.CharField(
        label="处理结果", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="没有处理的可以不填。",
    )


class ListingForm(forms.Form):
    kind = forms.ChoiceField(label="对象", choices=(("firm", "投标单位"), ("expert", "评标专家")))
    party = forms.CharField(
        label="统一社会信用代码或专家编号", max_length=40,
        help_text="单位填 18 位代码；专家填专家库中的编号（专家名录页面地址中的编号）。",
    )
    reason = ReasonField(help_text="写明依据的线索、处理决定或投诉。")
    until = forms.DateField(
        label="关注至", widget=forms.DateInput(attrs={"type": "date"}), help_text="最长一年，到期自动移出。"
    )

    def clean_until(self) -> datetime:
        return datetime.combine(self.cleaned_data["until"], time(23, 59, 59), tzinfo=SHANGHAI)


class PeriodForm(forms.Form):
    month = forms.RegexField(label="月份或年份", regex=r"^[1-9]\d{3}(-(0[1-9]|1[0-2]))?$")  # a whole year has no dash


class RemoveForm(forms.Form):
    reason = ReasonField("移出理由")
