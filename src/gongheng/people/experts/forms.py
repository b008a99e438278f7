"""Forms of the pool; they clean input and know nothing else."""

from django import forms

from gongheng.kernel.regions import cities


class PoolForm(forms.Form):
    specialty = forms.RegexField(
        label="专业代码", regex=r"^[ABC][0-9]{0,6}$", required=False, help_text="如 A08、A0801、A080101。"
    )
    place = forms.ChoiceField(
        label="常住地", required=False, choices=lambda: [("", "全省"), *((one.code, one.name) for one in cities())]
    )


class LookForm(forms.Form):
    reason = forms.CharField(
        label="查阅事由", max_length=200, help_text="将与查阅人、查阅时间一并记入存证日志；不要写入项目名称和专家姓名。"
    )
