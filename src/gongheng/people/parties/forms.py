"""Forms of registration and verification; they clean input and know nothing else."""

import base64
import binascii

from django import forms

from gongheng.kernel.regions import HOME_PROVINCE, cities, counties
from gongheng.kernel.roles import ROLE_NAMES
from gongheng.people.parties.models import Control
from gongheng.people.parties.rules import REQUESTED


def _regions() -> list:
    places = [(HOME_PROVINCE, "山东省（省级）")]
    for city in cities():
        inner = [(one.code, one.name) for one in counties(city.code)]
        places.append((city.name, [(city.code, f"{city.name}（市级）"), *inner]))
    return places


class OrganisationForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label="申请身份", choices=[(str(role), ROLE_NAMES[role]) for role in REQUESTED],
        widget=forms.CheckboxSelectMultiple, help_text="可以同时申请多个身份，办理业务时一次使用一个。",
    )
    region = forms.ChoiceField(
        label="登记所在地", choices=_regions, help_text="按营业执照或登记证书的登记机关所在地选择。"
    )
    legal_representative = forms.CharField(label="法定代表人（负责人）", max_length=20)
    address = forms.CharField(label="住所", max_length=300)
    contact = forms.CharField(label="联系人", max_length=20)
    phone = forms.RegexField(
        label="联系电话", regex=r"^[0-9-]{7,20}$", error_messages={"invalid": "联系电话应为7至20位数字，可含短横线。"}
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ControlForm(forms.Form):
    """Who stands above or below this organisation."""

    side = forms.ChoiceField(
        label="对方是", choices=[("upper", "上级：控股或者管理本单位"), ("lower", "下级：由本单位控股或者管理")]
    )
    kind = forms.ChoiceField(label="关系", choices=Control.Kind.choices)
    other_uscc = forms.CharField(label="对方信用代码", max_length=18, help_text="18 位统一社会信用代码。")
    other_name = forms.CharField(label="对方单位名称", max_length=200)


class MemberForm(forms.Form):
    certificate = forms.FileField(
        label="新成员的签名证书", help_text="DER 或 Base64 编码的 .cer 文件；须为本单位的机构证书。"
    )
    phone = forms.CharField(label="手机号码", max_length=20, required=False)

    def clean_certificate(self) -> bytes:
        upload = self.cleaned_data["certificate"]
        if upload.size > 64 * 1024:
            raise forms.ValidationError("证书文件不应超过 64 KB，请核对所选文件。")
        return certificate_bytes(upload.read())


def certificate_bytes(content: bytes) -> bytes:
    """Return the DER of a certificate file, which may be DER itself or Base64 with or without PEM lines."""
    if content[:1] == b"\x30":
        return content
    text = b"".join(line for line in content.split() if not line.startswith(b"-----") and not line.endswith(b"-----"))
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise forms.ValidationError("无法识别证书文件，应为 DER 或 Base64 编码的 .cer 文件。") from error
