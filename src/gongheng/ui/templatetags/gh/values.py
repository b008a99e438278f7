"""Tags that show one value: a moment, an amount, a digest, a state (值的展示)."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat
from django.utils.html import format_html, format_html_join

from gongheng.kernel.money import capitals, formatted

register = template.Library()
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING = format_html('<span class="gh-none" aria-label="无">{}</span>', "—")
#: Our words for tones, and those that Tabler users know.
TONES = {tone: tone for tone in ("neutral", "info", "success", "warning", "danger", "accent", "dark")} | {
    "secondary": "neutral",
    "primary": "accent",
    "blue": "info",
    "green": "success",
    "yellow": "warning",
    "orange": "warning",
    "red": "danger",
}
DIGEST_SHOWN = 10


def tone_of(tone):
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"tone {tone!r} is none of {sorted(TONES)}")
    return TONES[tone]


def in_shanghai(moment):
    if moment.tzinfo is None:
        raise ValueError("a naive moment has no lawful meaning; pass a timezone-aware one")
    return moment.astimezone(SHANGHAI)


def icon_of(name):
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name) if name else ""


def utc(value):
    return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"


@register.filter
def local_time(moment, pattern="Y-m-d H:i"):
    """Format a timezone-aware moment in Beijing time with a Django date pattern (北京时间)."""
    return dateformat.format(in_shanghai(moment), pattern) if moment else ""


@register.simple_tag
def moment(value, precision="minute"):
    """Show a moment in Beijing time; precision is "day", "minute", "second" or "ms" (时刻)."""
    if not value:
        return NOTHING
    if not isinstance(value, dt.datetime):
        return format_html('<time class="num" datetime="{}">{}</time>', value.isoformat(), value.isoformat())
    local = in_shanghai(value)
    text = {
        "day": f"{local:%Y-%m-%d}",
        "minute": f"{local:%Y-%m-%d %H:%M}",
        "second": f"{local:%Y-%m-%d %H:%M:%S}",
        "ms": f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}",
    }[precision]
    return format_html('<time class="num" datetime="{}">{}</time>', local.isoformat(), text)


@register.simple_tag
def period(start, end):
    """Show a period; an end at midnight is written as 24:00 of the day before, as notices do (起止时间)."""
    if not start or not end:
        return NOTHING
    first, last = in_shanghai(start), in_shanghai(end)
    if (last.hour, last.minute, last.second) == (0, 0, 0):
        until = f"{last - dt.timedelta(days=1):%Y-%m-%d} 24:00"
    else:
        until = f"{last:%Y-%m-%d %H:%M}"
    return format_html(
        '<span class="num gh-period"><time datetime="{}">{}</time> 至 <time datetime="{}">{}</time></span>',
        first.isoformat(),
        f"{first:%Y-%m-%d %H:%M}",
        last.isoformat(),
        until,
    )


@register.simple_tag
def money(value, unit="元"):
    """Show an amount in 元 with grouped thousands and two decimals (金额)."""
    if value is None or value == "":
        return NOTHING
    return format_html('<span class="num gh-money">{}<small>{}</small></span>', formatted(Decimal(value)), unit)


@register.simple_tag
def money_cn(value):
    """Show an amount in capital characters as contracts write it (人民币大写)."""
    if value is None or value == "":
        return NOTHING
    return format_html('<span class="gh-money-cn">{}</span>', capitals(Decimal(value)))


@register.simple_tag
def digest(value, full=False):
    """Show a digest, shortened unless full, with a copy button that copies all of it (摘要)."""
    if not value:
        return NOTHING
    shown = value if full or len(value) <= DIGEST_SHOWN else f"{value[:DIGEST_SHOWN]}…"
    return format_html(
        '<span class="gh-digest{}"><code title="{}">{}</code><button type="button" data-copy="{}" '
        'aria-label="复制完整摘要"><i class="ti ti-copy" aria-hidden="true"></i></button></span>',
        " is-full" if full else "",
        value,
        shown,
        value,
    )


@register.simple_tag
def status_badge(text, tone="neutral", icon=None):
    """Show a state as a word with a tone; the word alone carries the meaning (状态)."""
    return format_html('<span class="gh-badge is-{}">{}{}</span>', tone_of(tone), icon_of(icon), text)


def _plain(value):
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return moment(value)
    return value


@register.simple_tag
def key_values(pairs, columns=2):
    """Show (label, value) pairs as a description list; values keep their own markup (要素表)."""
    rows = format_html_join("", '<div class="gh-kv"><dt>{}</dt><dd>{}</dd></div>', ((k, _plain(v)) for k, v in pairs))
    return format_html('<dl class="gh-kvs is-{}">{}</dl>', columns, rows)


@register.simple_block_tag
def kv(content, label):
    """Show one labelled value inside a description list (要素)."""
    return format_html('<div class="gh-kv"><dt>{}</dt><dd>{}</dd></div>', label, content)
