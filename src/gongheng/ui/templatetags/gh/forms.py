"""Tags and filters that show forms, their mistakes and the last question before an act (表单)."""

import re

from django import template
from django.template.loader import render_to_string

from gongheng.ui.templatetags.gh.values import utc

register = template.Library()
BUTTONS = {
    f"{line}{tone}" for line in ("", "outline-") for tone in ("primary", "secondary", "success", "warning", "danger")
}


def _button(label, tone, confirm="", icon=""):
    if tone not in BUTTONS:
        raise template.TemplateSyntaxError(f"tone {tone!r} is none of {sorted(BUTTONS)}")
    return {"submit_label": label, "tone": tone, "confirm": confirm, "icon": icon}


@register.simple_block_tag(takes_context=True)
def signed_form(
    context,
    content,
    form,
    verb,
    subject,
    nonce,
    verb_title,
    submit_label="签名并提交",
    tone="primary",
    action="",
    confirm="",
    quiet=False,
    icon="signature",
):
    """Wrap a form so that the browser signs its fields before they leave; content follows the fields (签名表单).

    The <signed-form> island fills act and act_signature; the server refuses a form without them. From the
    page context it takes legal_now, signing_kid and, in a demonstration, cabinet_url and demo_pin.
    """
    return render_to_string(
        "ui/signed_form.html",
        {
            "form": form,
            "content": content,
            "verb": verb,
            "subject": subject,
            "nonce": nonce,
            "verb_title": verb_title,
            "action": action,
            "quiet": quiet,
            "now": context.get("legal_now") and utc(context["legal_now"]),
            "kid": context.get("signing_kid"),
            "cabinet_url": context.get("cabinet_url"),
            "demo_pin": context.get("demo_pin"),
            "csrf_token": context.get("csrf_token"),
            **_button(submit_label, tone, confirm, icon),
        },
    )


@register.simple_tag(takes_context=True)
def plain_form(context, form, submit_label="提交", tone="primary", action="", method="post", confirm="", icon=""):
    """Show a form that needs no signature, with its token, its errors and one button (普通表单)."""
    return render_to_string(
        "ui/plain_form.html",
        {
            "form": form,
            "action": action,
            "method": method,
            "csrf_token": context.get("csrf_token"),
            **_button(submit_label, tone, confirm, icon),
        },
    )


@register.simple_tag
def confirm(id, title, sentence, ok_label="确认", tone="danger"):
    """Ask once more before an irreversible act; a button names it by data-confirm (二次确认)."""
    return render_to_string(
        "ui/confirm.html",
        {
            "id": id,
            "title": title,
            "sentence": sentence,
            **_button(ok_label, tone),
        },
    )


@register.filter
def refusals(errors):
    """Yield (rule, message) of each error; only rule ids such as T3 or USCC count as rules (规则编号)."""
    return [
        (error.code if error.code and error.code == error.code.upper() else "", message)
        for error in errors.as_data()
        for message in error.messages
    ]


@register.filter
def native_moment(text):
    """Turn a localised date or time into the form that native inputs understand (原生日期控件)."""
    value = str(text or "").replace("/", "-").strip()
    return re.sub(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:00)?$", r"\1T\2", value)


@register.filter
def mistakes(form):
    """List (field, rule, message) of every error of a form, the general ones first (错误汇总)."""
    found = [(None, rule, message) for rule, message in refusals(form.non_field_errors())]
    for field in form:
        found += [(field, rule, message) for rule, message in refusals(field.errors)]
    return found
