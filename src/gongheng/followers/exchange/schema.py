"""The part of JSON Schema that the interface uses, checked with words that say what to do (字段校验)."""

import re

from gongheng.kernel.refusal import Refusal

_TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
_NAMES = {"object": "对象", "array": "数组", "string": "文本", "integer": "整数", "boolean": "布尔值"}


def check(value, schema: dict, name: str = "data") -> None:
    """Raise Refusal FIELD naming the first field that is not as its schema says, and what is right."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None and "null" in kinds:
        return
    kind = kinds[0]
    # In Python True is an integer; in JSON it is none.
    if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        raise _refusal(name, f"应为{_NAMES[kind]}", schema)
    if "enum" in schema and value not in schema["enum"]:
        raise _refusal(name, f"应为 {'、'.join(map(str, schema['enum']))} 之一", schema)
    _CHECKS.get(kind, _nothing)(value, schema, name)


def _nothing(value, schema: dict, name: str) -> None:
    """A boolean has nothing further to check."""


def _object(value: dict, schema: dict, name: str) -> None:
    properties = schema.get("properties", {})
    for field in schema.get("required", ()):
        if field not in value:
            raise _refusal(f"{name}.{field}", "缺少，请补充", properties[field])
    for field in value:
        if field not in properties:
            known = "、".join(properties) or "（无）"
            stray = f"{name}.{field[:40]}"
            raise Refusal("FIELD", f"不认识的字段 {stray}，请删去；可用字段：{known}。", stray)
        check(value[field], properties[field], f"{name}.{field}")


def _array(value: list, schema: dict, name: str) -> None:
    fewest, most = schema.get("minItems", 0), schema["maxItems"]
    if not fewest <= len(value) <= most:
        raise _refusal(name, f"应有 {fewest} 至 {most} 项，现为 {len(value)} 项", schema)
    for number, item in enumerate(value):
        check(item, schema["items"], f"{name}[{number}]")


def _string(value: str, schema: dict, name: str) -> None:
    fewest, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(value) < fewest or (most is not None and len(value) > most):
        raise _refusal(name, f"应为 {fewest} 至 {most} 个字符", schema)
    # Our patterns are anchored on both sides; Python's "$" alone would let a line break through.
    pattern = schema.get("pattern", ".*").removeprefix("^").removesuffix("$")
    if not re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
        raise _refusal(name, "格式不符", schema)


def _integer(value: int, schema: dict, name: str) -> None:
    if not schema["minimum"] <= value <= schema["maximum"]:
        raise _refusal(name, f"应在 {schema['minimum']} 至 {schema['maximum']} 之间", schema)


_CHECKS = {"object": _object, "array": _array, "string": _string, "integer": _integer}


def _refusal(name: str, wrong: str, schema: dict) -> Refusal:
    meaning = schema.get("description", "")
    return Refusal("FIELD", f"字段 {name} {wrong}" + (f"（{meaning}）。" if meaning else "。"), name)
