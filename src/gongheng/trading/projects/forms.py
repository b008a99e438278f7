"""Forms of registration and filing; they clean input and know nothing else."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from gongheng.kernel.money import yuan
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import cities, counties
from gongheng.trading.projects.codes import CLASSIFICATIONS, INDUSTRIES
from gongheng.trading.projects.models import Hold, TenderProject

QUALIFICATION = """具备建筑工程施工总承包二级及以上资质，并具有有效的安全生产许可证；
拟派项目负责人具备建筑工程专业二级及以上注册建造师资格及安全生产考核合格证（B 证），且无在建工程；
未被列入失信被执行人名单；与其他投标人不存在单位负责人为同一人或者控股、管理关系。"""
#: Clocks that a hold by the supervisor may shift.
CLOCKS = (("T10", "T10 候选人公示期"), ("T11", "T11 合同签订期限"), ("T13", "T13 书面报告期限"))


def refuse(form: forms.Form, refusal: Refusal) -> None:
    """Show a refusal at the field that it names, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, ValidationError(refusal.message, code=refusal.rule))


def places() -> list:
    """Return the cities and counties of the home province, grouped by city, for a select."""
    return [
        (city.name, [(city.code, f"{city.name}（市级）"), *((one.code, one.name) for one in counties(city.code))])
        for city in cities()
    ]


class MoneyField(forms.CharField):
    """An amount in 元 as people write it: 1,234,500 or 123.45 万元."""

    def __init__(self, **options):
        options.setdefault("help_text", "单位为元；也可以写“1200 万元”。")
        super().__init__(max_length=40, **options)
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value) -> Decimal | None:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            return yuan(text)
        except Refusal as refusal:
            raise ValidationError(refusal.message, code=refusal.rule) from refusal


class ProjectForm(forms.Form):
    name = forms.CharField(label="项目名称", max_length=600, help_text="与立项批复文件一致。")
    owner = forms.CharField(
        label="项目业主（招标人）", max_length=200,
        widget=forms.TextInput(attrs={"list": "tenderers", "autocomplete": "off"}),
        help_text="输入单位全称或统一社会信用代码，须为已登记的招标人。",
    )
    region_code = forms.ChoiceField(label="项目所在地", choices=places)
    address = forms.CharField(label="建设地点", max_length=2000)
    industry = forms.ChoiceField(label="行业", choices=list(INDUSTRIES.items()), initial="A01")
    invest_project_code = forms.CharField(
        label="投资项目统一代码", max_length=24, required=False,
        help_text="24 位，如 2603-370112-04-01-123456；没有的留空。",
    )
    fund_source = forms.CharField(label="资金来源", max_length=1000, initial="财政资金")
    scale = forms.CharField(label="建设规模", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    approval_name = forms.CharField(label="立项批复文件名称", max_length=500)
    approval_number = forms.CharField(label="立项批复文号", max_length=100, required=False)
    approval_authority = forms.CharField(label="立项批复单位", max_length=200, required=False)


class TenderProjectForm(forms.Form):
    """Agencies choose the tenderer, tenderers choose self or agency; the view removes what does not apply."""

    name = forms.CharField(label="招标项目名称", max_length=600)
    content = forms.CharField(label="招标内容与范围", max_length=10000, widget=forms.Textarea(attrs={"rows": 3}))
    is_by_law = forms.BooleanField(label="依法必须招标的项目", required=False, initial=True)
    tenderer = forms.CharField(
        label="招标人", max_length=200, widget=forms.TextInput(attrs={"list": "tenderers", "autocomplete": "off"}),
        help_text="输入单位全称或统一社会信用代码，须为已登记的招标人。",
    )
    form = forms.ChoiceField(
        label="组织形式", choices=TenderProject.Form.choices, widget=forms.RadioSelect,
        initial=TenderProject.Form.AGENCY,
    )
    agency = forms.CharField(
        label="招标代理机构", max_length=200, required=False,
        widget=forms.TextInput(attrs={"list": "agencies", "autocomplete": "off"}),
        help_text="委托招标时必填：单位全称或统一社会信用代码。",
    )
    supervisor = forms.ChoiceField(label="行政监督部门", help_text="按项目所在地列出。")


class LotForm(forms.Form):
    name = forms.CharField(label="标段名称", max_length=500, initial="施工一标段")
    content = forms.CharField(label="标段内容", max_length=10000, widget=forms.Textarea(attrs={"rows": 3}))
    classification = forms.ChoiceField(label="标段分类", choices=list(CLASSIFICATIONS.items()), initial="A08")
    region_code = forms.ChoiceField(label="项目所在地", choices=places)
    place_region = forms.ChoiceField(label="交易发生地（主场）", choices=places, help_text="开标、评标的主场所在地。")
    estimate = MoneyField(label="合同估算价")
    period_days = forms.IntegerField(label="计划工期（日历天）", min_value=1, max_value=10000, initial=365)
    qualification = forms.CharField(
        label="投标人资格要求", max_length=10000, initial=QUALIFICATION, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="每行一条。",
    )


class FilingForm(forms.Form):
    filing_number = forms.CharField(
        label="备案编号", max_length=40, required=False, help_text="本部门的备案编号；留空由平台按标段编号生成。"
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class HoldForm(forms.Form):
    kind = forms.ChoiceField(
        label="暂停类型", initial=Hold.Kind.SUPERVISION,
        choices=[(one.value, one.label) for one in (Hold.Kind.SUPERVISION, Hold.Kind.COMPLAINT, Hold.Kind.INCIDENT)],
    )
    reason = forms.CharField(label="暂停理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    clocks = forms.MultipleChoiceField(
        label="同时顺延的期限", choices=CLOCKS, required=False, widget=forms.CheckboxSelectMultiple
    )


class ReleaseForm(forms.Form):
    release_note = forms.CharField(label="解除理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
