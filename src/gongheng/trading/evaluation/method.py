"""What a tender document says about its evaluation, as data (评标办法)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gongheng.kernel.refusal import Refusal
from gongheng.trading.evaluation.pricing import HUNDREDTH, PriceParameters


class FactorKind(StrEnum):
    """RANGE is scored freely from 0 to the maximum (酌情打分); FIXED is all or nothing (固定分值)."""

    RANGE = "RANGE"
    FIXED = "FIXED"


@dataclass(frozen=True)
class Factor:
    """One line of the technical scoring (评分因素); ``max`` in points."""

    id: str
    name: str
    max: Decimal
    kind: FactorKind
    guidance: str

    def check(self, score: Decimal) -> None:
        """Raise Refusal SCORE unless an expert may give this score."""
        if not 0 <= score <= self.max:
            raise Refusal("SCORE", f"“{self.name}”的得分应在 0 至 {self.max} 分之间", self.id)
        if self.kind is FactorKind.FIXED and score not in (0, self.max):
            raise Refusal("SCORE", f"“{self.name}”为固定分值，只能打 0 分或 {self.max} 分", self.id)
        if score % HUNDREDTH:
            raise Refusal("SCORE", f"“{self.name}”的得分最多保留两位小数", self.id)


@dataclass(frozen=True)
class Item:
    """One pass-or-fail question of the preliminary review (初步评审项); ``clause`` is its place in the document."""

    id: str
    title: str
    clause: str


@dataclass(frozen=True)
class EvaluationMethod:
    """A comprehensive evaluation method (综合评估法) whose points add up to 100.

    ``drops_extremes`` drops each bid's highest and lowest technical total from seven experts on;
    ``prompt_percent`` is the deviation from the mean above which an expert is asked to confirm.
    """

    title: str
    technical_weight: Decimal
    price_weight: Decimal
    factors: tuple[Factor, ...]
    form: tuple[Item, ...]
    qualification: tuple[Item, ...]
    response: tuple[Item, ...]
    price: PriceParameters
    drops_extremes: bool = True
    prompt_percent: Decimal = Decimal(10)

    @property
    def items(self) -> tuple[Item, ...]:
        """Return all items of the preliminary review in order: form, qualification, response."""
        return self.form + self.qualification + self.response

    def validate(self) -> None:
        """Raise Refusal METHOD naming the first thing that does not add up."""
        if self.technical_weight < 0 or self.price_weight < 0:
            raise Refusal("METHOD", "技术分与报价分的权重不能为负", "technical_weight")
        if self.technical_weight + self.price_weight != 100:
            total = self.technical_weight + self.price_weight
            raise Refusal("METHOD", f"技术分与报价分之和应为 100 分，现为 {total} 分", "technical_weight")
        if sum(factor.max for factor in self.factors) != self.technical_weight:
            total = sum(factor.max for factor in self.factors)
            wanted = self.technical_weight
            raise Refusal("METHOD", f"各评分因素满分之和应等于技术分 {wanted} 分，现为 {total} 分", "factors")
        if self.price.full_score != self.price_weight:
            raise Refusal("METHOD", f"报价满分 F 应等于报价分权重 {self.price_weight} 分", "full_score")
        for factor in self.factors:
            if factor.max <= 0 or not factor.name.strip():
                raise Refusal("METHOD", "每个评分因素应有名称，且满分大于 0", "factors")
        for field, title, items in (
            ("form", "形式评审", self.form), ("qualification", "资格评审", self.qualification),
            ("response", "响应性评审", self.response),
        ):
            if not items:
                raise Refusal("METHOD", f"{title}至少应有一项", field)
            if any(not item.title.strip() or not item.clause.strip() for item in items):
                raise Refusal("METHOD", f"{title}的每一项应写明内容和对应的招标文件条款", field)
        ids = [part.id for part in self.factors + self.items]
        if len(set(ids)) != len(ids):
            raise Refusal("METHOD", "评分因素和评审项的编号不得重复", "factors")
        if self.prompt_percent <= 0:
            raise Refusal("METHOD", "评分偏差提示的比例应大于 0", "prompt_percent")
        self.price.validate()

    def to_json(self) -> dict:
        """Return the method as strings, booleans and lists, fit for canonical JSON."""
        def items(rows: tuple[Item, ...]) -> list[dict]:
            return [{"id": row.id, "title": row.title, "clause": row.clause} for row in rows]

        return {
            "title": self.title, "technical_weight": str(self.technical_weight), "price_weight": str(self.price_weight),
            "factors": [
                {"id": row.id, "name": row.name, "max": str(row.max), "kind": row.kind.value, "guidance": row.guidance}
                for row in self.factors
            ],
            "form": items(self.form), "qualification": items(self.qualification), "response": items(self.response),
            "price": self.price.to_json(), "drops_extremes": self.drops_extremes,
            "prompt_percent": str(self.prompt_percent),
        }

    @classmethod
    def from_json(cls, record: dict) -> EvaluationMethod:
        """Return the method that ``to_json`` wrote."""
        def items(rows: list[dict]) -> tuple[Item, ...]:
            return tuple(Item(row["id"], row["title"], row["clause"]) for row in rows)

        return cls(
            record["title"], Decimal(record["technical_weight"]), Decimal(record["price_weight"]),
            tuple(Factor(row["id"], row["name"], Decimal(row["max"]), FactorKind(row["kind"]), row["guidance"])
                  for row in record["factors"]),
            items(record["form"]), items(record["qualification"]), items(record["response"]),
            PriceParameters.from_json(record["price"]), record["drops_extremes"], Decimal(record["prompt_percent"]),
        )


def _factors(*rows: tuple[str, str, FactorKind, str]) -> tuple[Factor, ...]:
    return tuple(
        Factor(f"F{number}", name, Decimal(points), kind, guidance)
        for number, (name, points, kind, guidance) in enumerate(rows, 1)
    )


def _items(prefix: str, clause: str, *titles: str) -> tuple[Item, ...]:
    return tuple(Item(f"{prefix}{number}", title, f"{clause}({number})") for number, title in enumerate(titles, 1))


_RANGE, _FIXED = FactorKind.RANGE, FactorKind.FIXED

BUILDING_CONSTRUCTION = EvaluationMethod(
    title="房屋建筑工程施工综合评估法",
    technical_weight=Decimal(40),
    price_weight=Decimal(60),
    factors=_factors(
        ("施工方案与技术措施", "9", _RANGE, "重点难点准确，分部分项施工方法可行：优 8—9 分，良 5—7 分，一般 0—4 分"),
        ("质量管理体系与措施", "6", _RANGE, "目标明确，检验制度健全，通病防治具体：优 5—6 分，良 3—4 分，一般 0—2 分"),
        ("安全管理体系与措施", "6", _RANGE, "危大工程清单完整，专项方案可行：优 5—6 分，良 3—4 分，一般 0—2 分"),
        ("文明施工与环境保护措施", "4", _RANGE, "扬尘、噪声、污水和垃圾控制具体：优 4 分，良 2—3 分，一般 0—1 分"),
        ("工程进度计划与措施", "6", _RANGE, "关键线路清楚，节点与工期一致：优 5—6 分，良 3—4 分，一般 0—2 分"),
        ("资源配备计划", "4", _RANGE, "劳动力、材料和机械与进度匹配：优 4 分，良 2—3 分，一般 0—1 分"),
        ("施工总平面布置", "3", _RANGE, "分区合理，临时设施和交通组织可行：优 3 分，良 2 分，一般 0—1 分"),
        ("施工进度网络图", "2", _FIXED, "提供完整的网络图且标明关键线路得 2 分，否则不得分"),
    ),
    form=_items(
        "X", "评标办法前附表 2.1.1",
        "投标人名称与营业执照、资质证书、安全生产许可证一致",
        "投标函有单位电子印章和法定代表人或其授权人的电子签名",
        "投标文件格式符合招标文件要求，关键字迹清晰可辨",
        "联合体投标的，已提交联合体协议书并明确牵头人",
        "只有一个有效报价（招标文件要求提交备选方案的除外）",
    ),
    qualification=_items(
        "Z", "评标办法前附表 2.1.2",
        "营业执照有效",
        "安全生产许可证有效",
        "企业资质等级符合招标文件要求",
        "财务状况符合招标文件要求",
        "类似项目业绩符合招标文件要求",
        "信誉良好，不是失信被执行人，未被限制投标",
        "项目经理资格符合要求且无在建工程",
        "不存在单位负责人相同、控股或管理关系等禁止投标的情形",
    ),
    response=_items(
        "R", "评标办法前附表 2.1.3",
        "投标范围符合招标文件要求",
        "工期符合招标文件要求",
        "工程质量符合招标文件要求",
        "投标有效期符合招标文件要求",
        "投标保证金已按要求提交",
        "权利义务符合合同条款的要求，没有招标人不能接受的附加条件",
        "已标价工程量清单的项目和数量与招标文件一致",
        "技术标准和要求符合招标文件的规定",
        "投标报价不超过最高投标限价且不低于成本",
    ),
    price=PriceParameters(
        full_score=Decimal(60), above=Decimal("0.6"), below=Decimal("0.3"),
        k_choices=tuple(Decimal(k) for k in ("0.25", "0.5", "0.75", "1", "1.25", "1.5")),
    ),
)
