"""Forms of outside systems; they clean input and know nothing else."""

from django import forms

from gongheng.crypto.exchange import HMAC_SM3, SM2
from gongheng.followers.exchange.lifecycle import Kind


class SystemForm(forms.Form):
    uscc = forms.CharField(label="所属单位的统一社会信用代码", max_length=18)
    name = forms.CharField(label="系统名称", max_length=60)
    kind = forms.ChoiceField(label="类别", choices=Kind.choices)
    algorithm = forms.ChoiceField(
        label="鉴别方式", choices=[(SM2, "SM2 签名（双方各自可向他人举证）"), (HMAC_SM3, "HMAC-SM3（共享密钥）")]
    )
    public_key = forms.CharField(
        label="SM2 公钥", max_length=100, required=False,
        help_text="65 字节 04‖x‖y，base64url 文本，由对方生成；选 HMAC-SM3 时留空，密钥由平台生成并只显示一次。",
    )
    notify_origin = forms.CharField(
        label="回调来源", max_length=200, required=False, help_text="形如 https://主机:端口，回调只发往其下的网址；不接收回调的留空。"
    )
    is_sandbox = forms.BooleanField(
        label="沙箱", required=False, help_text="调用照常校验和计算，但不生效，也不收到回调；联调用。"
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="停用理由", max_length=200, help_text="记入存证日志。")
