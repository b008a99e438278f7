"""The table of operations as rows for the readable page (接口文档页)."""

import json

from gongheng.followers.exchange import operations as table
from gongheng.followers.exchange.lifecycle import Kind
from gongheng.followers.exchange.openapi import example_call, example_callback

STATUSES = (
    ("400", "JSON ENVELOPE", "报文不合规范"),
    ("401", "SYSTEM SIGNATURE WINDOW", "系统未登记、签名不符、时间相差超过 5 分钟"),
    ("403", "REVOKED KIND", "系统已停用，或操作不对该类系统开放"),
    ("404", "OP", "没有该操作"),
    ("409", "NONCE ID", "重放，或同一 id 用于不同内容"),
    ("413", "SIZE", "报文过长"),
    ("422", "FIELD 及业务规则", "字段有误或业务规则拒绝，什么都没有改变"),
)
_TYPES = {"object": "对象", "array": "数组", "string": "文本", "integer": "整数", "boolean": "布尔"}


def operations() -> list[dict]:
    return [
        {
            "name": one.name, "title": one.title, "about": one.about, "rules": one.rules,
            "kinds": _kinds(one.kinds), "changes": one.changes, "fields": rows(one.data), "answer": rows(one.answer),
            "example": _json(example_call(one)), "example_answer": _json(one.example_answer),
        }
        for one in table.OPERATIONS.values()
    ]


def events() -> list[dict]:
    return [
        {
            "name": one.name, "title": one.title, "about": one.about, "kinds": _kinds(one.kinds),
            "fields": rows(one.data), "example": _json(example_callback(one)),
        }
        for one in table.EVENTS.values()
    ]


def rows(schema: dict, name: str = "") -> list[dict]:
    """Return one row per field, inner fields after the field that holds them."""
    found = []
    for field, inner in schema.get("properties", {}).items():
        kind = inner["type"][0] if isinstance(inner["type"], list) else inner["type"]
        path = f"{name}{field}" + ("[]" if kind == "array" else "")
        values = "、".join(inner.get("enum", ()))
        found.append({
            "name": path, "type": _TYPES[kind], "is_required": field in schema["required"],
            "meaning": inner.get("description", "") + (f"：{values}" if values else ""),
        })
        held = inner.get("items", inner)
        found += rows(held, f"{path}.")
    return found


def _kinds(kinds: tuple[str, ...]) -> str:
    return "全部" if len(kinds) == len(Kind) else "、".join(Kind(one).label for one in kinds)


def _json(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
