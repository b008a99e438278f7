"""The indicators of electronic fingerprints (电子指纹) and which kinds of trace each one compares."""

from gongheng.screening.findings import CLUE_ONLY, Family, Indicator

PREPARED = "招标投标法实施条例第四十条第（一）项：投标文件由同一单位或者个人编制（须核实后认定）"
HANDLED = "招标投标法实施条例第四十条第（二）项：委托同一单位或者个人办理投标事宜"


def _one(number, name, definition, clause, innocent, settles, is_statutory=False) -> Indicator:
    return Indicator(f"F{number}", Family.FINGERPRINT, name, definition, clause, innocent, settles, 2, is_statutory)


LOCK = _one(
    1, "计价软件锁号相同", "两家以上的计价文件带有相同的加密锁号或软件许可号；按该号在以往投标中的占有率打折。",
    PREPARED,
    ("许可经销商代装", "云许可池轮流发号", "借用设计或咨询单位的锁（仍须说明）"),
    "向软件厂商查该锁的登记单位和使用记录；询问编制人员。",
)
HARDWARE = _one(
    2, "编制电脑硬件相同", "CPU序列号、硬盘序列号、主板序列号三项中至少两项相同（已剔除缺省值，按年加密存储）。",
    PREPARED,
    ("克隆的虚拟机", "网吧或打字复印店", "租用的云桌面"), "查编制电脑的归属和使用人，核对制作工具日志。",
)
MAC = _one(
    3, "网卡地址相同", "制作或上传时的网卡地址相同；虚拟网卡、本地管理地址已剔除。", PREPARED,
    ("在同一打字复印店制作或上传", "外借的上网卡、扩展坞"), "查该设备归属；调取上传时段的网络与监控记录。",
)
METADATA = _one(
    4, "文件作者信息相同", "作者、最后修改人、公司名相同；缺省名和占以往投标0.5%以上的常见值已剔除。", PREPARED,
    ("使用同一公开范本而未改属性", "同名的人"), "核对文件属性中的人员是否在两家任职，调取原始文件。",
)
FILE_IDENTITY = _one(
    5, "文件身份相同", "PDF文件标识、修订祖先、不少于3个字体子集标记或不少于2个精确到秒的生成时间相同。", PREPARED,
    ("共同附上同一厂家的证书或检测报告", "生成工具的缺陷使标识重复", "批量打印在同一秒完成"),
    "打开对应文件看是否为各自编制的内容；向工具厂商核实标识的生成办法。",
)
ADDRESS = _one(
    6, "网络地址或会话相同", "投标期内上传、下载、解密使用相同的公网IP地址或会话；按曾使用该地址的企业数取对数折减。",
    CLUE_ONLY,
    ("运营商共享出口", "同一园区、写字楼、酒店无线网", "公共资源交易中心内上传"),
    "向运营商调取该时段地址的实际使用人；查上网地点。",
)
CERTIFICATE = _one(
    7, "证书或签名设备相同", "两家使用同一数字证书或同一签名设备。", HANDLED,
    ("证书介质错发", "集团统一保管介质（竞争对手之间不允许）"), "向数字证书机构调取该介质的发放和使用记录。",
)
CONTACT = _one(
    8, "联系电话、邮箱、联系人相同", "两家登记的手机、邮箱或联系人身份相同。", HANDLED,
    ("代办机构合法代理多家开户（同一项目的竞争对手之间不允许）", "登记信息陈旧"),
    "核对实名登记人与两家的任职、社保关系。",
)
AGENT = _one(
    9, "办理投标事宜的人相同", "同一自然人（证件号相同）代两家办理报名、上传、开标签到或缴费。", HANDLED,
    ("证件号录入错误",), "核对授权委托书、签到影像与证件。", is_statutory=True,
)
SEQUENCE = _one(
    10, "文件先后相承", "一家的最后保存晚于另一家的首次上传，而两份文件有共同的修订祖先。", PREPARED,
    ("共同使用招标文件所附的电子模板",), "比对两份文件的修订记录，查后者的来源。",
)
INDICATORS = (LOCK, HARDWARE, MAC, METADATA, FILE_IDENTITY, ADDRESS, CERTIFICATE, CONTACT, AGENT, SEQUENCE)

#: Kind of trace → its indicator; the kinds of one indicator are weighed together.
KINDS = {
    "lock": LOCK, "licence": LOCK, "cpu": HARDWARE, "disk": HARDWARE, "board": HARDWARE, "mac": MAC,
    "author": METADATA, "modifier": METADATA, "company": METADATA, "pdf_id": FILE_IDENTITY, "ancestor": FILE_IDENTITY,
    "font": FILE_IDENTITY, "created": FILE_IDENTITY, "ip": ADDRESS, "session": ADDRESS, "certificate": CERTIFICATE,
    "phone": CONTACT, "email": CONTACT, "contact": CONTACT, "agent": AGENT,
}
LABELS = {
    "lock": "加密锁号", "licence": "软件许可号", "cpu": "CPU序列号", "disk": "硬盘序列号", "board": "主板序列号",
    "mac": "网卡地址",
    "author": "作者", "modifier": "最后修改人", "company": "公司", "pdf_id": "PDF文件标识", "ancestor": "修订祖先",
    "font": "字体子集标记", "created": "生成时间", "ip": "公网IP", "session": "会话", "certificate": "数字证书",
    "phone": "电话", "email": "邮箱", "contact": "联系人", "agent": "办理人",
}
