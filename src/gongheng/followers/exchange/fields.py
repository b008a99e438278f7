"""The fields of messages as JSON Schema (报文字段); each says in Chinese what it is."""

from gongheng.followers.exchange.lifecycle import Kind

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


def text(meaning: str, most: int = 200, *, fewest: int = 1) -> dict:
    return {"type": "string", "minLength": fewest, "maxLength": most, "description": meaning}


def moment(meaning: str) -> dict:
    return {
        "type": "string", "format": "date-time", "pattern": _TIME,
        "description": f"{meaning}，UTC 时间，形如 2026-03-05T01:00:00.000Z",
    }


def number(meaning: str, least: int = 0, most: int = 99) -> dict:
    return {"type": "integer", "minimum": least, "maximum": most, "description": meaning}


def yes_no(meaning: str) -> dict:
    return {"type": "boolean", "description": meaning}


def one_of(meaning: str, *values: str) -> dict:
    return {"type": "string", "enum": list(values), "description": meaning}


def pattern(meaning: str, expression: str) -> dict:
    return {"type": "string", "pattern": expression, "description": meaning}


def many(meaning: str, item: dict, most: int, *, fewest: int = 0) -> dict:
    return {"type": "array", "items": item, "minItems": fewest, "maxItems": most, "description": meaning}


def thing(meaning: str = "", /, *, optional: tuple[str, ...] = (), **fields: dict) -> dict:
    """An object of exactly these fields; all but ``optional`` are required."""
    schema = {
        "type": "object", "properties": fields, "required": [one for one in fields if one not in optional],
        "additionalProperties": False,
    }
    return schema | ({"description": meaning} if meaning else {})


def or_null(schema: dict) -> dict:
    return schema | {"type": [schema["type"], "null"]}


REGION = pattern("交易中心的行政区划代码，6 位数字", r"^\d{6}$")
ORDER_NUMBER = pattern("要约单号，SQ、BG 或 QX 加 14 位数字", r"^(SQ|BG|QX)\d{14}$")
ORDER_STATE = one_of(
    "要约单状态", "requested", "offered", "confirmed", "not_passed", "changed", "cancelled", "concluded"
)
OFFER_STATE = one_of("要约状态", "waiting", "sent", "confirmed", "refused", "expired", "changed", "cancelled")
SEAT = thing("席位", room=text("评标室名称", 40), number=text("席位号，如 01", 4))
SUB_VENUES = many(
    "副场及其席位数", thing(region=REGION, seats=number("该副场的席位数", 2, 20)), 5, fewest=1
)
SESSION = {
    "starts_at": moment("评标开始时间"), "ends_at": moment("评标结束时间，与开始在同一天"),
    "main_seats": number("主场席位数", 1, 20), "sub_venues": SUB_VENUES, "contact": text("联系人", 40),
    "phone": text("联系电话", 20), "reroute_limit": number("副场不承接时最多改派几次，缺省为 3", 0, 5),
}
ORDER = thing(
    "要约单", number=ORDER_NUMBER, lot=text("标段编号", 40), state=ORDER_STATE, starts_at=moment("评标开始时间"),
    ends_at=moment("评标结束时间"), original=or_null(ORDER_NUMBER), reason=text("变更、取消的理由", 1000, fewest=0),
    contact=text("联系人", 40), phone=text("联系电话", 20),
    venues=many("各会场", thing(
        region=REGION, is_main=yes_no("是否主场"), seats_wanted=number("需要的席位数，0 为征求同意取消"),
        state=OFFER_STATE, reason=text("拒绝的理由", 1000, fewest=0),
        confirm_by=or_null(moment("答复时限，尚未发出的为空")),
        seats=many("本中心预留的席位，不显示其他中心的", SEAT, 99),
    ), 20),
)
SESSION_STATE = one_of("评标场次状态", "waiting", "running", "paused", "ended", "postponed", "aborted")
CAUSE = one_of(
    "原因：停电、网络中断、设备故障、系统故障、人员突发疾病、其他",
    "POWER", "NETWORK", "DEVICE", "SYSTEM", "HEALTH", "OTHER",
)
RECEIPT = {"number": ORDER_NUMBER, "state": ORDER_STATE}

_PROOF = pattern("22 个以上字符的随机数，base64url 字符，不得重复使用", r"^[A-Za-z0-9_-]{22,64}$")
DIGEST = pattern("SM3 摘要，43 个 base64url 字符", r"^[A-Za-z0-9_-]{43}$")
#: What stands around the data of every call and callback (报文封套).
ENVELOPE = {
    "v": number("报文版本", 1, 1), "system": text("系统编号，由平台登记时给出", 20),
    "id": pattern("报文的唯一标识（UUID）；重试沿用，新事项换新", UUID), "at": moment("发送时间"), "nonce": _PROOF,
}
KINDS = tuple(Kind.values)
