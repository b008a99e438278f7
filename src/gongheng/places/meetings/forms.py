"""Forms of the meeting pages; what browsers of a meeting send as JSON is cleaned by ``Body``."""

import json
import uuid
from datetime import datetime

from django import forms
from django.http import HttpRequest

from gongheng.crypto.canonical import parse_timestamp, unb64
from gongheng.kernel.refusal import Refusal


class SearchForm(forms.Form):
    """Search the recordings of one meeting by person, kind and time."""

    q = forms.CharField(label="席位或人员", max_length=20, required=False)
    at = forms.DateTimeField(
        label="时间", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"})
    )


class Body:
    """The JSON object of one request; every read names its type, and Refusal "FIELDS" names the field."""

    def __init__(self, request: HttpRequest):
        try:
            self._values = json.loads(request.body)
        except ValueError:
            raise Refusal("JSON", "请求内容不是有效的 JSON。") from None
        if not isinstance(self._values, dict):
            raise Refusal("JSON", "请求内容应为 JSON 对象。")

    def text(self, name: str, *, most: int = 500) -> str:
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) > most:
            raise Refusal("FIELDS", f"字段 {name} 应为不超过{most}字的文本。", name)
        return value

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise Refusal("FIELDS", f"字段 {name} 应为是或否。", name)
        return value

    def number(self, name: str) -> int:
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal("FIELDS", f"字段 {name} 应为整数。", name)
        return value

    def mapping(self, name: str) -> dict:
        value = self._values.get(name)
        if not isinstance(value, dict):
            raise Refusal("FIELDS", f"字段 {name} 应为对象。", name)
        return value

    def id(self, name: str) -> uuid.UUID:
        try:
            return uuid.UUID(self.text(name, most=36))
        except ValueError:
            raise Refusal("FIELDS", f"字段 {name} 不是有效的编号。", name) from None

    def id_or_none(self, name: str) -> uuid.UUID | None:
        return None if self._values.get(name) is None else self.id(name)

    def bytes(self, name: str) -> bytes:
        try:
            return unb64(self.text(name))
        except ValueError:
            raise Refusal("FIELDS", f"字段 {name} 不是 base64url 编码。", name) from None

    def moment(self, name: str) -> datetime:
        try:
            return parse_timestamp(self.text(name))
        except ValueError:
            raise Refusal("FIELDS", f"字段 {name} 不是平台时间格式。", name) from None
