"""Forms of notices, clarifications and questions; they clean input and know nothing else."""

from django import forms

from gongheng.kernel.regions import cities
from gongheng.trading.notices.models import Notice, Question
from gongheng.trading.projects.codes import INDUSTRIES
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.queries import UNANNOUNCED


class SearchForm(forms.Form):
    """The filters of the public list; anything not understood counts as "any"."""

    q = forms.CharField(label="关键词", required=False, max_length=100,
                        widget=forms.TextInput(attrs={"placeholder": "项目名称、编号、招标人"}))
    kind = forms.ChoiceField(label="公告类型", required=False, choices=[("", "全部类型"), *Notice.Kind.choices])
    region = forms.ChoiceField(
        label="地区", required=False,
        choices=lambda: [("", "全省"), *((city.code, city.name) for city in cities())],
    )
    industry = forms.ChoiceField(label="行业", required=False, choices=[("", "全部行业"), *INDUSTRIES.items()])
    state = forms.ChoiceField(
        label="标段状态", required=False,
        choices=[("", "全部状态"), *((value, label) for value, label in State.choices if value not in UNANNOUNCED)],
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            # The filters stand in one row without visible labels.
            field.widget.attrs["aria-label"] = field.label


class ClarificationForm(forms.Form):
    content = forms.CharField(
        label="澄清修改内容", max_length=10000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="逐条写明修改的条款和修改后的内容；发布后即为招标文件的组成部分。",
    )
    affects_bids = forms.BooleanField(
        label="可能影响投标文件编制", required=False, initial=True,
        help_text="影响投标文件编制且距投标截止不足 15 日的，投标截止时间须顺延。",
    )
    new_due_at = forms.DateTimeField(
        label="投标截止暨开标时间", help_text="已按法定最短时间填好，可以改为更晚；开标时间随之相同。",
    )


class TerminationForm(forms.Form):
    reason = forms.CharField(
        label="终止原因", max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="原文写入终止公告，向社会公开。",
    )


class QuestionForm(forms.Form):
    kind = forms.ChoiceField(label="类型", choices=Question.Kind.choices, widget=forms.RadioSelect, initial="question")
    text = forms.CharField(
        label="内容", max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="平台不记录提出人；请勿在内容中写明单位名称、人员姓名或者报价。",
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(label="答复", max_length=8000, widget=forms.Textarea(attrs={"rows": 6}))


class AttachmentForm(forms.Form):
    file = forms.FileField(label="附件", help_text="PDF、DOCX、XLSX 或图片，不超过 100 MB；上传后先在隔离环境中检查。")

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > 100 * 2**20:
            raise forms.ValidationError("附件不应超过 100 MB，请拆分后上传。", code="FILE")
        return upload
