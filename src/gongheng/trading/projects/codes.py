"""Code lists of construction projects that the data specification prescribes (代码表), domain.md 1.6."""

#: 项目行业分类, the first part of the unified deal code.
INDUSTRIES = {
    "A01": "房屋建筑", "A02": "市政", "A03": "公路", "A04": "铁路", "A05": "民航", "A06": "水运", "A07": "水利",
    "A08": "能源", "A09": "邮电通信", "A10": "桥梁", "A11": "城市轨道交通", "A12": "矿产冶金", "A13": "信息网络",
    "A14": "工业制造", "A98": "园林绿化", "A99": "其他",
}

#: 标段分类: what is bought; the same letters as above, another list.
CLASSIFICATIONS = {"A08": "施工", "A05": "监理", "A04": "设计", "A03": "勘察", "A06": "造价", "A01": "规划"}
