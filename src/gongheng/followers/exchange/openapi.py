"""The interface as an OpenAPI 3.1 document (接口描述文件), drawn from the table of operations."""

from gongheng.followers.exchange import fields as f
from gongheng.followers.exchange import operations as table

VERSION = "1.0"
_SIGNATURE = {
    "name": "X-Gongheng-Signature", "in": "header", "required": True,
    "description": "请求体的 SM2 签名（64 字节）或 HMAC-SM3（32 字节），base64url 文本。",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43,86}$"},
}
_MEANINGS = {
    400: "报文不合规范", 401: "未能证明来源，或时间超出 5 分钟", 403: "系统已停用，或该类系统不得调用",
    404: "没有该操作", 409: "重放，或同一 id 内容不同", 413: "报文过长", 422: "业务规则拒绝，什么都没有改变",
}


def document(origin: str) -> dict:
    """Return the whole document; ``origin`` is where this platform serves."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "公衡数据接口", "version": VERSION,
            "description": "外部交易系统、场地管理系统、行政监督平台接入接口；编码、签名、重试规则见 /interface/。",
        },
        "servers": [{"url": origin}],
        "paths": {f"/api/exchange/{one.name}": {"post": _operation(one)} for one in table.OPERATIONS.values()},
        "components": {
            "schemas": {"refused": table.reply_schema(f.thing())},
            "parameters": {"signature": _SIGNATURE},
            "responses": {f"refused{status}": _refused(meaning) for status, meaning in _MEANINGS.items()},
        },
        "webhooks": {one.name: {"post": _event(one)} for one in table.EVENTS.values()},
    }


def example_call(operation: table.Operation) -> dict:
    """Return a whole message that calls the operation."""
    return _envelope(f"370200-{operation.kinds[0][0].upper()}001") | {"op": operation.name, "data": operation.example}


def example_callback(event: table.Event) -> dict:
    """Return a whole message that tells the event."""
    return _envelope("370200-V001") | {"event": event.name, "data": event.example}


def example_reply(operation: table.Operation) -> dict:
    """Return what the platform answers to the example."""
    call = example_call(operation)
    return {
        "v": 1, "system": call["system"], "id": call["id"], "digest": "A" * 43, "at": "2026-03-02T01:00:00.120Z",
        "status": "ok", "is_sandbox": False, "is_repeated": False, "data": operation.example_answer, "error": None,
    }


def _envelope(system: str) -> dict:
    return {
        "v": 1, "system": system, "id": "5f3c2a70-8a51-4c55-9a53-2f4ad1a0c7d1", "at": "2026-03-02T01:00:00.000Z",
        "nonce": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAA",
    }


def _refused(meaning: str) -> dict:
    schema = {"$ref": "#/components/schemas/refused"}
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _operation(one: table.Operation) -> dict:
    return {
        "operationId": one.name, "summary": one.title, "description": one.about,
        "parameters": [{"$ref": "#/components/parameters/signature"}],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": table.call_schema(one), "example": example_call(one),
        }}},
        "responses": {
            "200": {"description": "已办理", "content": {"application/json": {
                "schema": table.reply_schema(one.answer), "example": example_reply(one),
            }}},
            **{str(status): {"$ref": f"#/components/responses/refused{status}"} for status in _MEANINGS},
        },
    }


def _event(one: table.Event) -> dict:
    return {
        "operationId": f"on_{one.name}", "summary": one.title, "description": one.about,
        "parameters": [{"$ref": "#/components/parameters/signature"}],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": table.callback_schema(one), "example": example_callback(one),
        }}},
        "responses": {"200": {"description": "已收到，附签名的回执；其他状态将重试", "content": {
            "application/json": {"schema": table.ACKNOWLEDGEMENT},
        }}},
    }
