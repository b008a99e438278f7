"""Forms of a session; they clean input and know nothing else."""

from django import forms

from gongheng.trading.draws.rules import LOSSES
from gongheng.trading.sessions.models import Incident


def _words(label: str, help_text: str = "", most: int = 500) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": 3}), help_text=help_text
    )


class ReceiveForm(forms.Form):
    code = forms.CharField(
        label="到场码", max_length=12, help_text="专家工作台上显示的6位数字；先出示，再读取身份证件并人脸比对。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )


class DecideForm(forms.Form):
    admits = forms.ChoiceField(
        label="核验结论", choices=[("yes", "核对证件原件，人证一致，准予进入"), ("no", "不予进入")],
        widget=forms.RadioSelect,
    )
    decision = _words("核对情况", "写明核对了何种证件、判断依据。", 200)


class LockerForm(forms.Form):
    locker = forms.CharField(label="储物柜编号", max_length=10)


class IncidentForm(forms.Form):
    cause = forms.ChoiceField(label="原因", choices=Incident.Cause.choices, widget=forms.RadioSelect)
    description = _words("情况", "写明发生了什么、影响哪些席位；不得写专家姓名。")


class DecisionForm(forms.Form):
    decision = _words("处置情况和依据")


class ReplaceForm(forms.Form):
    cause = forms.ChoiceField(label="原因", choices=list(LOSSES.items()), widget=forms.RadioSelect)
    reason = _words("说明", "写明不能继续履职的原因；不得写专家姓名。其已作出的评审意见作废并封存。", 200)


class MoveForm(forms.Form):
    reason = _words("原席位不能使用的原因", "写明哪个部件、什么故障；不得写专家姓名。原席位随即报修。", 100)


class ContentsForm(forms.Form):
    contents = _words("移交内容和数量", "例如：签到表1份、承诺书3份；录像12段，已刻录光盘1张。")


class RemarkForm(forms.Form):
    remark = _words("退回原因", "", 300)
