"""The tender document as one form: conditions, money, timetable, evaluation method and its factors."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django import forms

from gongheng.kernel.refusal import Refusal
from gongheng.trading.evaluation.method import EvaluationMethod, Factor, FactorKind, Item
from gongheng.trading.evaluation.pricing import BasePool
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.notices.printing import BASE_POOLS, FACTOR_KINDS, REVIEWS, lines
from gongheng.trading.projects.forms import MoneyField

#: Prefix of item ids and place in the tender document of each part of the preliminary review.
_PARTS = {"form": ("X", "2.1.1"), "qualification": ("Z", "2.1.2"), "response": ("R", "2.1.3")}


def _points(label: str, **options) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=6, decimal_places=2, **options)


class TenderDocumentForm(forms.Form):
    """Sections are named by ``SECTIONS``; dates and money are checked by the action against the rulebook."""

    qualification = forms.CharField(
        label="投标人资格要求", max_length=10000, widget=forms.Textarea(attrs={"rows": 5}), help_text="每行一条。"
    )
    quality = forms.CharField(label="质量要求", max_length=200)
    ceiling = MoneyField(label="最高投标限价")
    deposit = MoneyField(label="投标保证金", help_text="不超过估算价的 2% 且不超过 80 万元；不要求的填 0。")
    validity_days = forms.IntegerField(label="投标有效期（日）", min_value=30, max_value=365)
    sale_starts_at = forms.DateTimeField(label="招标文件获取开始", help_text="早于实际发布时间的，自发布时起算。")
    sale_ends_at = forms.DateTimeField(label="招标文件获取截止", help_text="不少于 5 日（规则 T1）。")
    bids_due_at = forms.DateTimeField(
        label="投标截止暨开标", help_text="不少于 20 日（规则 T3）；开标为同一时刻（规则 T8）。"
    )
    fallback = forms.ChoiceField(
        label="兜底开启策略", choices=TenderDocument.Fallback.choices, widget=forms.RadioSelect,
        help_text="投标人不能自行解密时，是否由三方受托人中的任意两方协助开启。",
    )
    method_title = forms.CharField(label="评标办法名称", max_length=100)
    technical_weight = _points("技术分权重", min_value=0, max_value=100)
    price_weight = _points("报价分权重", min_value=0, max_value=100, help_text="与技术分之和为 100。")
    above = _points("高于基准价每 1% 扣分 E1", min_value=0)
    below = _points("低于基准价每 1% 扣分 E2", min_value=0)
    k_choices = forms.CharField(
        label="下浮系数 K 备选值（%）", max_length=200, help_text="用顿号或空格分开，如 0.25、0.5、0.75。"
    )
    base_pool = forms.ChoiceField(label="参与基准价计算的报价", choices=list(BASE_POOLS.items()))
    drops_extremes = forms.BooleanField(label="七名及以上评委时技术分去掉最高、最低各一个", required=False)
    prompt_percent = _points("评分偏差提示比例（%）", min_value=0, help_text="评委打分偏离均值超过此比例时提示其确认。")
    form_items = forms.CharField(
        label="形式评审项", max_length=10000, widget=forms.Textarea(attrs={"rows": 5}), help_text="每行一项。"
    )
    qualification_items = forms.CharField(
        label="资格评审项", max_length=10000, widget=forms.Textarea(attrs={"rows": 7}), help_text="每行一项。"
    )
    response_items = forms.CharField(
        label="响应性评审项", max_length=10000, widget=forms.Textarea(attrs={"rows": 7}), help_text="每行一项。"
    )

    SECTIONS = (
        ("资格条件", ("qualification", "quality")),
        ("限价与保证金", ("ceiling", "deposit", "validity_days")),
        ("时间安排", ("sale_starts_at", "sale_ends_at", "bids_due_at")),
        ("兜底开启", ("fallback",)),
        ("评标办法", ("method_title", "technical_weight", "price_weight", "above", "below", "k_choices", "base_pool",
                  "drops_extremes", "prompt_percent")),
        ("初步评审", ("form_items", "qualification_items", "response_items")),
    )
    #: Where the method's own names of its parts differ from this form's.
    FIELDS_OF_METHOD = {"full_score": "price_weight", "form": "form_items", "qualification": "qualification_items",
                        "response": "response_items"}

    def clean_k_choices(self) -> tuple[Decimal, ...]:
        parts = self.cleaned_data["k_choices"].replace("、", " ").replace(",", " ").replace("，", " ").replace("%", " ")
        try:
            return tuple(Decimal(part) for part in parts.split())
        except InvalidOperation as error:
            raise forms.ValidationError("下浮系数应为数字，如 0.25、0.5、0.75。", code="METHOD") from error

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the form's sections with their bound fields, for the template."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]


class FactorForm(forms.Form):
    """One row of the table of technical factors."""

    name = forms.CharField(label="评分因素", max_length=100)
    max = _points("分值", min_value=Decimal("0.01"), max_value=100)
    kind = forms.ChoiceField(label="评分方式", choices=list(FACTOR_KINDS.items()), initial="RANGE")
    guidance = forms.CharField(label="评分标准", max_length=500, required=False)


FactorFormSet = forms.formset_factory(FactorForm, extra=2, can_delete=True, max_num=40, validate_max=True)


def initial_of_method(method: EvaluationMethod) -> tuple[dict, list[dict]]:
    """Return the form's and the table's initial values for a method."""
    values = {
        "method_title": method.title, "technical_weight": method.technical_weight, "price_weight": method.price_weight,
        "above": method.price.above, "below": method.price.below,
        "k_choices": "、".join(str(k) for k in method.price.k_choices), "base_pool": method.price.base_pool.value,
        "drops_extremes": method.drops_extremes, "prompt_percent": method.prompt_percent,
    }
    for part, _ in REVIEWS:
        values[f"{part}_items"] = "\n".join(item.title for item in getattr(method, part))
    rows = [
        {"name": one.name, "max": one.max, "kind": one.kind.value, "guidance": one.guidance} for one in method.factors
    ]
    return values, rows


def method_of(clean: dict, rows: list[dict], template: EvaluationMethod) -> EvaluationMethod:
    """Return the evaluation method that the cleaned form describes; raise Refusal METHOD naming its field."""
    kept = [row for row in rows if row and not row.get("DELETE")]
    method = replace(
        template,
        title=clean["method_title"], technical_weight=clean["technical_weight"], price_weight=clean["price_weight"],
        factors=tuple(
            Factor(f"F{number}", row["name"], row["max"], FactorKind(row["kind"]), row["guidance"])
            for number, row in enumerate(kept, 1)
        ),
        price=replace(
            template.price, full_score=clean["price_weight"], above=clean["above"], below=clean["below"],
            k_choices=clean["k_choices"], base_pool=BasePool(clean["base_pool"]),
        ),
        drops_extremes=clean["drops_extremes"], prompt_percent=clean["prompt_percent"],
        **{part: _items(part, clean[f"{part}_items"]) for part, _ in REVIEWS},
    )
    try:
        method.validate()
    except Refusal as refusal:
        field = TenderDocumentForm.FIELDS_OF_METHOD.get(refusal.field, refusal.field)
        raise Refusal(refusal.rule, refusal.message, field) from refusal
    return method


def _items(part: str, text: str) -> tuple[Item, ...]:
    prefix, clause = _PARTS[part]
    return tuple(
        Item(f"{prefix}{number}", title, f"评标办法前附表 {clause}({number})")
        for number, title in enumerate(lines(text), 1)
    )
