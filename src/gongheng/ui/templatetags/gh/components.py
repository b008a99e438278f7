"""Tags that show a component: steps, history, numbers, charts, tables, pages of a list (组件)."""

import json

from django import template
from django.http import QueryDict
from django.utils.html import format_html, format_html_join

from gongheng.ui.templatetags.gh.values import NOTHING, icon_of, in_shanghai, tone_of, utc

register = template.Library()
STAGES = ("登记", "备案", "文件", "公告", "投标", "开标", "评标", "公示", "定标", "合同", "归档")
FORMATS = {"xlsx": "Excel", "csv": "CSV", "json": "JSON", "pdf": "PDF", "ocds": "OCDS"}


@register.simple_tag
def empty(title, hint="", icon="inbox"):
    """Say calmly that a list has nothing in it, and what to do next (空状态)."""
    return format_html(
        '<div class="gh-empty"><span class="gh-empty-icon">{}</span><p class="gh-empty-title">{}</p>{}</div>',
        icon_of(icon),
        title,
        format_html("<p>{}</p>", hint) if hint else "",
    )


@register.simple_tag
def stat(label, value, hint="", tone="neutral", icon=None, url=None):
    """Show one number that matters, with its name above and its context below (指标)."""
    body = format_html(
        '<span class="gh-stat-label">{}{}</span><span class="gh-stat-value num">{}</span>{}',
        icon_of(icon),
        label,
        value,
        format_html('<span class="gh-stat-hint">{}</span>', hint) if hint else "",
    )
    if url:
        return format_html('<a class="gh-stat is-{}" href="{}">{}</a>', tone_of(tone), url, body)
    return format_html('<div class="gh-stat is-{}">{}</div>', tone_of(tone), body)


@register.simple_tag
def progress(value, max=100, label="", tone="accent"):
    """Show progress with a native element, because the page policy forbids inline widths (进度)."""
    return format_html(
        '<div class="gh-progress is-{}"><span class="gh-progress-label">{}</span>'
        '<progress value="{}" max="{}" aria-label="{}"></progress><span class="num">{}/{}</span></div>',
        tone_of(tone),
        label,
        value,
        max,
        label or "进度",
        value,
        max,
    )


@register.inclusion_tag("ui/timeline.html")
def timeline(entries):
    """Show the history of a thing from its evidence entries, newest as given (历史)."""
    return {"entries": entries}


@register.inclusion_tag("ui/steps.html")
def steps(items=None, current=None):
    """Show the stages of a tender; items default to the eleven stages, current is a label or index (阶段)."""
    named = [item if isinstance(item, dict) else {"label": item} for item in (items or STAGES)]
    labels = [item["label"] for item in named]
    at = current if isinstance(current, int) else labels.index(current) if current in labels else -1
    state = {True: "done", False: "ahead"}
    shown = [item | {"number": i + 1, "state": "current" if i == at else state[i < at]} for i, item in enumerate(named)]
    return {"steps": shown, "at": at + 1, "label": labels[at] if 0 <= at < len(labels) else "", "total": len(named)}


@register.simple_tag(takes_context=True)
def countdown(context, at, now=None, big=False, label=""):
    """Show the time left on the server's clock; without script the moment itself is shown (倒计时)."""
    now = now or context.get("legal_now")
    if not at or not now:
        return NOTHING
    return format_html(
        '<span class="gh-countdown{}">{}<deadline-clock at="{}" now="{}" rate="{}" format="{}"{}>'
        '<time datetime="{}">{}</time></deadline-clock></span>',
        " is-big" if big else "",
        format_html('<span class="gh-countdown-label">{}</span>', label) if label else "",
        utc(at),
        utc(now),
        context.get("clock_rate", 1),
        "countdown",
        " big" if big else "",
        at.isoformat(),
        f"{in_shanghai(at):%Y-%m-%d %H:%M}",
    )


@register.simple_tag
def chart(option, label, height="md"):
    """Draw an ECharts option; label says in words what the chart shows, for those who cannot see it (图表)."""
    return format_html(
        '<div class="chart is-{}" role="img" aria-label="{}" data-chart="{}"></div>',
        height,
        label,
        json.dumps(option, ensure_ascii=False, default=str),
    )


@register.simple_tag(takes_context=True)
def pagination(context, page, parameter="page"):
    """Link the pages of a list and keep the other search terms of the address (分页)."""
    paginator = page.paginator
    if not paginator.count:
        return ""  # the empty list has already said so
    if paginator.num_pages < 2:
        return format_html(
            '<div class="gh-pages"><span class="gh-pages-sum">共 <b class="num">{}</b> 条</span></div>', paginator.count
        )
    links = []
    for number in paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1):
        if number == page.number:
            links.append(
                format_html('<li class="is-active" aria-current="page"><span class="num">{}</span></li>', number)
            )
        elif number == paginator.ELLIPSIS:
            links.append(format_html("<li><span>{}</span></li>", "…"))
        else:
            links.append(
                format_html(
                    '<li><a class="num" href="{}" aria-label="第 {} 页">{}</a></li>',
                    _address(context, **{parameter: number}),
                    number,
                    number,
                )
            )
    return format_html(
        '<nav class="gh-pages" aria-label="分页"><span class="gh-pages-sum">共 <b class="num">{}</b> 条，'
        "第 {}–{} 条</span><ul>{}</ul></nav>",
        paginator.count,
        page.start_index(),
        page.end_index(),
        format_html_join("", "{}", ((link,) for link in links)),
    )


def _address(context, **changes):
    request = context.get("request")
    terms = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        terms[name] = value
    return f"?{terms.urlencode()}"


@register.simple_tag(takes_context=True)
def export_links(context, formats="xlsx,csv", parameter="format"):
    """Offer the list just shown, with its search terms, in other formats (导出)."""
    links = format_html_join(
        "",
        '<a href="{}" download>{}</a>',
        ((_address(context, **{parameter: kind}), FORMATS[kind]) for kind in formats.split(",")),
    )
    return format_html(
        '<span class="gh-exports"><i class="ti ti-download" aria-hidden="true"></i>导出 {}</span>', links
    )


@register.inclusion_tag("ui/search_box.html", takes_context=True)
def search_box(context, placeholder="搜索", name="q", target=None):
    """Search by an ordinary GET form; with a target selector, htmx swaps the list as one types (搜索)."""
    request = context.get("request")
    terms = request.GET if request else {}
    kept = [(k, v) for k in terms for v in terms.getlist(k) if k not in (name, "page")] if terms else []
    return {"placeholder": placeholder, "name": name, "target": target, "value": terms.get(name, ""), "kept": kept}


@register.simple_block_tag
def table(content, headers, caption="", empty_title="暂无数据", empty_hint="", mobile=True):
    """Show rows under a head that stays in view; headers are "项目名称|金额:num|操作:act" (数据表).

    On phones each row becomes a card whose labels come from the head, unless mobile is False.
    """
    columns = [(name, kind) for name, _, kind in (header.partition(":") for header in headers.split("|"))]
    if "<tr" not in content:
        return empty(empty_title, empty_hint)
    head = format_html_join(
        "",
        '<th scope="col"{}>{}</th>',
        ((format_html(' class="is-{}"', kind) if kind else "", name) for name, kind in columns),
    )
    kinds = " ".join(f"c{i}-{kind}" for i, (_, kind) in enumerate(columns, 1) if kind)
    return format_html(
        '<div class="gh-table-box"><table class="gh-table{} {}">{}<thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        " is-cards" if mobile else "",
        kinds,
        format_html('<caption class="visually-hidden">{}</caption>', caption) if caption else "",
        head,
        content,
    )
