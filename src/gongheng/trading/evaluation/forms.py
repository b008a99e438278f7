"""Forms of an evaluation; they clean input and know nothing else."""

from django import forms


class CheckInForm(forms.Form):
    seat_code = forms.CharField(
        label="席位码", max_length=12, help_text="请输入本席位屏幕上显示的6位数字。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )


class DeviceCheckInForm(forms.Form):
    proof = forms.CharField(max_length=800, widget=forms.HiddenInput)


class AvoidForm(forms.Form):
    reason = forms.CharField(
        label="回避理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明与哪个投标人存在何种关系（任职、近亲属、经济利益等）。提交后由系统顺延补抽，不可撤回。",
    )


class PromiseForm(forms.Form):
    confirmed = forms.BooleanField(
        label="我已阅读投标人名单，与各投标人不存在依法应当回避的情形，承诺独立、客观、公正评审"
    )


class LeaderForm(forms.Form):
    choice = forms.ChoiceField(label="推选的组长", widget=forms.RadioSelect)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = [(str(member.pk), name) for member, name in members]


class CompetitionForm(forms.Form):
    competes = forms.ChoiceField(
        label="您的判断", widget=forms.RadioSelect,
        choices=[("yes", "剩余投标仍具有竞争性，继续评标"), ("no", "明显缺乏竞争，否决全部投标")],
    )
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="偏差理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class OpinionForm(forms.Form):
    opinion = forms.CharField(
        label="评审意见", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写入评标报告结论之后；没有补充可以留空。",
    )


class SignForm(forms.Form):
    document = forms.CharField(widget=forms.HiddenInput)
    agrees = forms.ChoiceField(
        label="您的意见", widget=forms.RadioSelect, initial="yes",
        choices=[("yes", "同意评标结果，签署评标报告"), ("no", "对评标结果有不同意见，保留意见并说明理由")],
    )
    dissent = forms.CharField(
        label="不同意见及理由", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="选择保留意见时必填，将原文写入评标报告。既不签署又不书面说明理由的，视为同意（条例第五十三条）。",
    )
