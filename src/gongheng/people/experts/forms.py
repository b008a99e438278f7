"""Forms of the pool; they clean input and know nothing else."""

import json

from django import forms

from gongheng.crypto import canonical
from gongheng.kernel.regions import cities
from gongheng.people.experts.models import OutsidePool, Tie

#: A batch of 2,000 experts is about 1 MiB.
MOST_BYTES = 3 * 2**20


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


class ReasonForm(forms.Form):
    reason = forms.CharField(label="事由和依据", max_length=200, help_text="记入存证日志；不要写入专家姓名。")


class SuspendForm(ReasonForm):
    until = forms.DateField(label="暂停至", widget=forms.DateInput(attrs={"type": "date"}))


class TieForm(forms.Form):
    uscc = forms.CharField(label="单位的统一社会信用代码", max_length=18)
    kind = forms.ChoiceField(label="关系", choices=Tie.Kind.choices)
    ended_on = forms.DateField(
        label="结束日期", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="仍在存续的留空；结束后三年内仍须回避。",
    )


class LeaveForm(forms.Form):
    first_day = forms.DateField(label="开始日期", widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="结束日期", widget=forms.DateInput(attrs={"type": "date"}))


class OutsidePoolForm(forms.Form):
    name = forms.CharField(label="专家库名称", max_length=100)
    public_key = forms.CharField(label="SM2 公钥", max_length=100, help_text="65 字节 04‖x‖y，base64url 文本。")


class BatchForm(forms.Form):
    """A delivery as a file {"message", "signature"}, both base64url; the message is canonical JSON."""

    pool = forms.ModelChoiceField(label="来源专家库", queryset=OutsidePool.objects.filter(ended_at=None))
    file = forms.FileField(label="批次文件", help_text="来源专家库签名的 JSON 文件，不超过 3 MB。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pool"].label_from_instance = lambda pool: pool.name

    def clean_file(self) -> tuple[bytes, bytes]:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError("批次文件不应超过 3 MB，请分批导出。")
        return envelope(upload.read())


def envelope(content: bytes) -> tuple[bytes, bytes]:
    """Return (message, signature) of a delivery. Raises ValidationError."""
    try:
        sent = json.loads(content)
        return canonical.unb64(sent["message"]), canonical.unb64(sent["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise forms.ValidationError("无法识别批次文件：应有 base64url 文本 message 和 signature。") from error
