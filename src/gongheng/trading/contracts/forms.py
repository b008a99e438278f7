"""Forms of the contract and the report; they clean input and know nothing else."""

from django import forms

from gongheng.trading.projects.forms import MoneyField


class ContractForm(forms.Form):
    """The terms of the contract, filled in from the winning bid."""

    price = MoneyField(label="合同价")
    duration_days = forms.IntegerField(label="工期（日历天）", min_value=1, max_value=10000)
    quality = forms.CharField(label="质量标准", max_length=200)
    manager = forms.CharField(label="项目经理", max_length=40)
    performance_bond = MoneyField(label="履约保证金", help_text="不超过中标合同金额的 10%；不要求的填 0。")


class SignatureForm(forms.Form):
    """What a party signs: the text of the contract, by its digest."""

    document = forms.CharField(max_length=43, widget=forms.HiddenInput)


class ReportForm(forms.Form):
    summary = forms.CharField(
        label="其他需要说明的情况", max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="招标过程中的异常情况、投诉及处理等；没有的可以不填。",
    )
