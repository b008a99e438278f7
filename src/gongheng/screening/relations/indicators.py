"""The indicators about money and people (资金与人员): who pays, who owns, who works for whom."""

from gongheng.screening.findings import CLUE_ONLY, Family, Indicator

CONTROL = "招标投标法实施条例第三十四条：单位负责人为同一人或者存在控股、管理关系的不同单位不得参加同一标段投标"
PREPARED = "招标投标法实施条例第四十条第（二）项：委托同一单位或者个人办理投标事宜（须核实后认定）"


def _one(number, name, definition, clause, innocent, settles, is_statutory=False) -> Indicator:
    return Indicator(
        f"M{number}", Family.MONEY_AND_PEOPLE, name, definition, clause, innocent, settles, 2, is_statutory,
    )


ACCOUNT = _one(
    1, "保证金、费用出自同一账户", "两家以上的投标保证金、保函费用或文件费由同一付款账户转出。",
    "招标投标法实施条例第四十条第（六）项：不同投标人的投标保证金从同一单位或者个人的账户转出",
    ("担保机构、银行的统一清算账户（须先剔除）", "账号录入错误"), "调取银行回单和付款账户开户资料。", is_statutory=True,
)
SUCCESSIVE = _one(
    2, "付款账户连号且同一经办", "付款账户在同一支行开立、账号序号相差不超过10，且开户或转账由同一人经办。", CLUE_ONLY,
    ("同一园区企业集中开户", "代理记账机构代办开户"), "向开户行调取开户日期、经办人和预留电话。",
)
POLICY = _one(
    3, "保函由同一人短时间内连续办理", "两家的保函由同一经办人在10分钟内从同一网络地址办理。", PREPARED,
    ("担保机构业务员集中录入", "同一窗口排队办理"), "向出函机构调取投保人、操作人和联系电话。",
)
HEAD = _one(
    4, "单位负责人为同一人", "两家的法定代表人（单位负责人）是同一自然人。", CONTROL,
    ("工商变更尚未同步",), "查登记机关在投标截止日的登记信息。",
)
OWNER = _one(
    5, "控股或同一控制人", "一家持有另一家、或同一股东持有两家不少于50%的股权（向上追溯各层）。", CONTROL,
    ("国资委等出资人代表机构名下的企业不当然构成控制", "股权已转让未登记"), "查股权登记、章程和实际控制人声明。",
)
PLACE = _one(
    6, "登记地址或电话相同", "两家的登记地址（到门牌房号）或登记电话相同。", CLUE_ONLY,
    ("集群注册地址、孵化器托管地址", "代理记账机构留的电话"), "现场核查经营地址，核对电话实名登记。",
)
MANAGER = _one(
    7, "项目管理成员为同一人", "两家投标文件载明的项目负责人或主要管理人员是同一人（证件号相同）。",
    "招标投标法实施条例第四十条第（三）项：不同投标人的投标文件载明的项目管理成员为同一人",
    ("证件号录入错误",), "核对人员证件、注册单位和劳动合同。", is_statutory=True,
)
INSURED = _one(
    8, "项目负责人的社保在另一家", "一家的项目负责人在投标时由另一家投标人缴纳社会保险。", CLUE_ONLY,
    ("刚调动、社保未转移", "劳务派遣"), "向社保机构调取投标截止日前六个月的缴费单位。",
)
PAID = _one(
    9, "中标后分包或付款给落标者", "中标人在以往或本项目中把工程分包给落标者，或向其付款、开票。", CLUE_ONLY,
    ("正常的专业分包或材料采购", "以往项目的结算尾款"), "调取分包合同、发票与资金流水，核对实际施工内容。",
)
LIKE_NAME = _one(
    10, "企业名称相近", "两家名称去掉地名和组织形式后相近；只用于提示核对，不计入指数。", CLUE_ONLY,
    ("行业常用字号",), "查登记机关的关联企业信息。",
)
INDICATORS = (ACCOUNT, SUCCESSIVE, POLICY, HEAD, OWNER, PLACE, MANAGER, INSURED, PAID, LIKE_NAME)
