"""The organisations of the demonstration province, as plain rows; companies are invented."""

from dataclasses import dataclass

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.regions import HOME_PROVINCE, cities, counties
from gongheng.kernel.roles import Role


@dataclass(frozen=True)
class Row:
    """One organisation to be loaded; ``people`` are the posts of its members."""

    name: str
    uscc: str
    region: str
    roles: tuple[Role, ...]
    address: str
    people: tuple[str, ...]
    is_registered: bool = True


_TENDERERS = (
    ("济南市历城区教育和体育局", "1", "370112"),
    ("青岛西海岸公共建设发展中心", "2", "370211"),
    ("淄博市张店区住房保障服务中心", "2", "370303"),
    ("烟台市莱山区卫生健康局", "1", "370613"),
    ("潍坊市奎文区城市更新服务中心", "2", "370705"), ("济宁市任城区文化和旅游局", "1", "370811"),
    ("临沂市兰山区人民医院筹建处", "2", "371302"), ("济南泉衡城市建设投资集团有限公司", "9", "370102"),
)
_AGENCIES = (
    ("山东正衡工程咨询有限公司", "370102"), ("山东齐准招标代理有限公司", "370103"),
    ("青岛海度项目管理有限公司", "370202"),
    ("烟台芝信工程管理咨询有限公司", "370602"), ("潍坊鸢程招标咨询有限公司", "370705"),
    ("临沂沂明项目管理有限公司", "371302"),
)
_FIRST = ("恒筑", "鲁匠", "齐构", "岱石", "海垣", "沂梁", "泉工", "润基", "昆拓", "汶固")
_SECOND = ("建设集团有限公司", "建筑工程有限公司", "建工有限公司", "城建工程有限公司")
_UNREGISTERED = (
    ("山东新禾建设工程有限公司", "370102"), ("青岛启岚建筑工程有限公司", "370202"), ("潍坊拓原建工有限公司", "370702"),
)
_INSTITUTES = (
    "建筑设计研究院有限公司", "勘察测绘院有限公司", "工程监理有限公司", "工程造价咨询有限公司",
    "建筑科学研究院有限公司", "职业技术学院",
)


def centres(operator: str) -> list[Row]:
    """Return the provincial centre, whose code is the platform operator's, and the 16 city centres."""
    posts = ("业务受理", "场地管理")
    roles = (Role.CENTRE, Role.TRUSTEE)
    rows = [Row("山东省公共资源交易中心", operator, HOME_PROVINCE, roles, "济南市历下区经十路", posts)]
    for number, city in enumerate(cities()):
        rows.append(Row(
            f"{city.name}公共资源交易中心", make_uscc("1", "2", city.code, 60200001 + number), city.code,
            (Role.CENTRE,), f"{city.name}政务服务大厅", posts,
        ))
    return rows


def public_bodies() -> list[Row]:
    """Return the supervising authorities of the province and the cities, and the notary office."""
    rows = [Row(
        "山东省住房和城乡建设厅", make_uscc("1", "1", HOME_PROVINCE, 60300001), HOME_PROVINCE,
        (Role.SUPERVISOR, Role.TRUSTEE), "济南市市中区经五路", ("招标投标监管", "行政执法"),
    )]
    for number, city in enumerate(cities()):
        rows.append(Row(
            f"{city.name}住房和城乡建设局", make_uscc("1", "1", city.code, 60300101 + number), city.code,
            (Role.SUPERVISOR,), f"{city.name}市民中心", ("招标投标监管",),
        ))
    rows.append(Row(
        "山东省济南市齐衡公证处", make_uscc("3", "1", "370100", 60400001), "370100", (Role.NOTARY, Role.TRUSTEE),
        "济南市历下区泺源大街", ("公证员", "公证员助理"),
    ))
    return rows


def traders() -> list[Row]:
    """Return tenderers, agencies, bidders, and companies that hold a certificate but are not registered yet."""
    rows = []
    for number, (name, kind, region) in enumerate(_TENDERERS):
        is_company = kind == "9"
        roles = (Role.TENDERER, Role.BIDDER) if is_company else (Role.TENDERER,)
        uscc = make_uscc("9" if is_company else "1", "1" if is_company else kind, region, 60500001 + number)
        rows.append(Row(name, uscc, region, roles, "山东省内", ("项目负责人", "定标负责人")))
    for number, (name, region) in enumerate(_AGENCIES):
        rows.append(Row(
            name, make_uscc("9", "1", region, 60600001 + number), region, (Role.AGENCY,), "山东省内",
            ("项目经理", "开标主持人"),
        ))
    places = cities()
    for number in range(40):
        city = places[number % len(places)]
        name = f"{city.name.removesuffix('市')}{_FIRST[number % 10]}{_SECOND[number // 10]}"
        rows.append(Row(
            name, make_uscc("9", "1", counties(city.code)[0].code, 60700001 + number), counties(city.code)[0].code,
            (Role.BIDDER,), f"{city.name}高新区", ("投标负责人",),
        ))
    for number, (name, region) in enumerate(_UNREGISTERED):
        uscc = make_uscc("9", "1", region, 60800001 + number)
        rows.append(Row(name, uscc, region, (Role.BIDDER,), "山东省内", ("投标负责人",), False))
    return rows


def institutes() -> list[tuple[str, str]]:
    """Return (name, code) of the employers of experts that do not trade on the platform."""
    rows = []
    for number, city in enumerate(cities()):
        for place, ending in enumerate(_INSTITUTES):
            kind = ("1", "2") if ending.endswith("学院") else ("9", "1")
            rows.append((
                f"{city.name.removesuffix('市')}{ending}", make_uscc(*kind, city.code, 60900001 + number * 10 + place)
            ))
    return rows
