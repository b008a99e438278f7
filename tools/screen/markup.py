"""HTML written by hand (网页): a tag, its attributes and children; text is escaped unless it is already markup."""

from html import escape

_VOID = {"meta", "input", "br"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: str) -> Markup:
    """Return one element; ``class_`` and ``for_`` lose the underscore, others write it as a hyphen."""
    head = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Markup(f"<{name}{head}>")
    return Markup(f"<{name}{head}>{joined(children)}</{name}>")


def joined(children) -> Markup:
    """Return children in a row."""
    return Markup("".join(one if isinstance(one, Markup) else escape(str(one)) for one in children))


def table(head, rows, *, class_: str = "", numeric: tuple[int, ...] = ()) -> Markup:
    """Return a table whose cells carry their column's name, so that a phone can show rows as cards."""
    body = [
        tag("tr", *(
            tag("td", cell, data_label=head[place], **({"class_": "n"} if place in numeric else {}))
            for place, cell in enumerate(row)
        )) for row in rows
    ]
    return tag("table", tag("thead", tag("tr", *(tag("th", one) for one in head))), tag("tbody", *body), class_=class_)


def page(title: str, style: str, *body: object) -> str:
    """Return a whole page that needs nothing else."""
    return "<!DOCTYPE html>\n" + tag(
        "html",
        tag("head", tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", title), tag("style", Markup(style))),
        tag("body", *body), lang="zh-CN",
    ) + "\n"
