"""Forms of the opening hall: clean input, know nothing else (开标大厅表单)."""

from django import forms


class ObjectionForm(forms.Form):
    text = forms.CharField(
        label="异议内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="对开标有异议的，应当在开标现场提出；主持人当场答复并记入开标记录。",
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(label="当场答复", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class FaultForm(forms.Form):
    reason = forms.CharField(
        label="平台故障情形", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="仅限因平台原因致使投标人不能解密；由任意两方受托人核验后开启同一份密文。",
    )
