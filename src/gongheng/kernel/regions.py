"""The administrative regions that codes refer to, as GB/T 2260 rows (行政区划)."""

from __future__ import annotations

from dataclasses import dataclass

from gongheng.kernel.refusal import Refusal

# First two digits of every code; "10" is not a place but the State-level registrars use it in a USCC.
PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
    "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区",
    "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}

HOME_PROVINCE = "370000"

# Third and fourth digits are the city; each line is "code name, then its counties and districts"
# (an indented line goes on with them).
_SHANDONG = """
370100 济南市 02历下区 03市中区 04槐荫区 05天桥区 12历城区 13长清区 14章丘区 15济阳区 16莱芜区 17钢城区
  24平阴县 26商河县
370200 青岛市 02市南区 03市北区 11黄岛区 12崂山区 13李沧区 14城阳区 15即墨区 81胶州市 83平度市 85莱西市
370300 淄博市 02淄川区 03张店区 04博山区 05临淄区 06周村区 21桓台县 22高青县 23沂源县
370400 枣庄市 02市中区 03薛城区 04峄城区 05台儿庄区 06山亭区 81滕州市
370500 东营市 02东营区 03河口区 05垦利区 22利津县 23广饶县
370600 烟台市 02芝罘区 11福山区 12牟平区 13莱山区 14蓬莱区
  81龙口市 82莱阳市 83莱州市 85招远市 86栖霞市 87海阳市
370700 潍坊市 02潍城区 03寒亭区 04坊子区 05奎文区 24临朐县 25昌乐县
  81青州市 82诸城市 83寿光市 84安丘市 85高密市 86昌邑市
370800 济宁市 11任城区 12兖州区 26微山县 27鱼台县 28金乡县 29嘉祥县 30汶上县 31泗水县 32梁山县 81曲阜市 83邹城市
370900 泰安市 02泰山区 11岱岳区 21宁阳县 23东平县 82新泰市 83肥城市
371000 威海市 02环翠区 03文登区 82荣成市 83乳山市
371100 日照市 02东港区 03岚山区 21五莲县 22莒县
371300 临沂市 02兰山区 11罗庄区 12河东区 21沂南县 22郯城县 23沂水县
  24兰陵县 25费县 26平邑县 27莒南县 28蒙阴县 29临沭县
371400 德州市 02德城区 03陵城区 22宁津县 23庆云县 24临邑县 25齐河县 26平原县 27夏津县 28武城县 81乐陵市 82禹城市
371500 聊城市 02东昌府区 03茌平区 21阳谷县 22莘县 24东阿县 25冠县 26高唐县 81临清市
371600 滨州市 02滨城区 03沾化区 21惠民县 22阳信县 23无棣县 25博兴县 81邹平市
371700 菏泽市 02牡丹区 03定陶区 21曹县 22单县 23成武县 24巨野县 25郓城县 26鄄城县 28东明县
"""


@dataclass(frozen=True)
class Region:
    """One row of the region table (行政区): province, city or county.

    ``parent`` is the code one level up, None for a province.
    """

    code: str
    name: str
    parent: str | None

    @property
    def level(self) -> str:
        """Return "province", "city" or "county", read off the zeros of the code."""
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"

    @property
    def full_name(self) -> str:
        """Return the name with the names above it, e.g. 山东省济南市历下区."""
        above = region(self.parent).full_name if self.parent else ""
        return above + self.name


def _load() -> dict[str, Region]:
    rows = {prefix + "0000": Region(prefix + "0000", name, None) for prefix, name in PROVINCES.items()}
    for line in _SHANDONG.replace("\n  ", " ").strip().splitlines():
        city, name, *counties = line.split(" ")
        rows[city] = Region(city, name, HOME_PROVINCE)
        for county in counties:
            code = city[:4] + county[:2]
            rows[code] = Region(code, county[2:], city)
    return rows


_REGIONS = _load()


def region(code: str, field: str | None = None) -> Region:
    """Return the region with this 6-digit code; raise Refusal "REGION" when the table has none."""
    try:
        return _REGIONS[code]
    except KeyError:
        raise Refusal("REGION", f"行政区划代码“{code}”不在现行区划表中，请从列表中选择", field) from None


def provinces() -> list[Region]:
    """Return the province-level regions of the country, in code order."""
    return [row for row in _REGIONS.values() if row.level == "province"]


def cities() -> list[Region]:
    """Return the 16 cities of the home province, in code order."""
    return [row for row in _REGIONS.values() if row.level == "city"]


def counties(city: str) -> list[Region]:
    """Return the counties and districts of one city, in code order."""
    return [row for row in _REGIONS.values() if row.parent == city and row.level == "county"]


@dataclass(frozen=True)
class LotRegions:
    """The four places of a lot (标段的四个行政区): the work, the tenderer, the agency and the trade.

    ``agency`` is None when the tenderer tenders by itself.
    """

    project: str
    tenderer: str
    agency: str | None
    place: str

    def check(self) -> None:
        """Raise Refusal "REGION" naming the first field whose code is unknown or too coarse."""
        for field, title, code in (
            ("project", "项目所在地", self.project), ("place", "交易发生地", self.place),
        ):
            if region(code, field).level == "province":
                raise Refusal("REGION", f"{title}应选到设区的市或县（区），不能只选到省级", field)
        region(self.tenderer, "tenderer")
        if self.agency is not None:
            region(self.agency, "agency")

    @property
    def is_off_site(self) -> bool:
        """Return whether the trade happens in another city than the work (异地交易)."""
        return self.project[:4] != self.place[:4]
