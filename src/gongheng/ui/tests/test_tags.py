"""What the template tags show, and what they refuse to show (模板标签测试)."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

DIGEST = "q7Xb0u3mVgLZk2yR1cT9wHs8PzNfJdE4aQoM6iBtYxU"
MIDNIGHT = dt.datetime(2026, 3, 23, 16, tzinfo=dt.UTC)


def show(source: str, **context) -> str:
    return Template("{% load gh %}" + source).render(Context(context))


def test_a_moment_is_shown_in_beijing_time():
    html = show("{% moment at %}", at=dt.datetime(2026, 3, 18, 17, 5, tzinfo=dt.UTC))
    assert "2026-03-19 01:05" in html
    assert 'datetime="2026-03-19T01:05:00+08:00"' in html


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        show("{% moment at %}", at=MIDNIGHT.replace(tzinfo=None))


def test_a_period_that_ends_at_midnight_says_24_of_the_day_before():
    html = show("{% period a b %}", a=dt.datetime(2026, 3, 20, 16, tzinfo=dt.UTC), b=MIDNIGHT)
    assert "2026-03-21 00:00" in html
    assert "2026-03-23 24:00" in html


def test_money_is_grouped_and_rounded_half_up():
    assert "1,234,567.13" in show("{% money v %}", v=Decimal("1234567.125"))
    assert "gh-none" in show("{% money v %}", v=None)
    assert "0.00" in show("{% money v %}", v=Decimal(0))


def test_a_digest_is_short_on_the_page_and_whole_in_the_copy_button():
    html = show("{% digest d %}", d=DIGEST)
    assert f'data-copy="{DIGEST}"' in html
    assert f">{DIGEST[:10]}…<" in html


def test_text_from_outside_is_escaped_everywhere():
    bad = '"><script>x</script>'
    html = show(
        "{% status_badge t %}{% stat t t t %}{% empty t t %}{% digest t %}{% progress 1 2 t %}"
        "{% key_values pairs %}{% chart o t %}{% confirm 'i' t t %}{% kv t %}{{ t }}{% endkv %}"
        "{% table t %}<tr></tr>{% endtable %}",
        t=bad,
        pairs=[(bad, bad)],
        o={"x": bad},
    )
    assert "<script" not in html


def test_an_unknown_tone_is_a_mistake_of_the_template():
    with pytest.raises(TemplateSyntaxError, match="tone"):
        show("{% status_badge 'x' 'purple' %}")


def test_steps_divide_into_done_current_and_ahead():
    html = show("{% steps None '开标' %}")
    assert html.count("is-done") == 5
    assert html.count('aria-current="step"') == 1
    assert html.count("is-ahead") == 5


def test_an_empty_table_says_so_instead_of_showing_a_head():
    html = show("{% table 'a|b' empty_title='暂无公告' %}{% for x in none %}<tr></tr>{% endfor %}{% endtable %}")
    assert "暂无公告" in html
    assert "<table" not in html


def test_page_links_keep_the_search_terms():
    request = RequestFactory().get("/?q=学校&page=2")
    html = show("{% pagination page %}", page=Paginator(range(100), 10).page(2), request=request)
    assert "?q=%E5%AD%A6%E6%A0%A1&amp;page=3" in html
    assert html.count("aria-current") == 1


def test_export_links_keep_the_search_terms_and_add_the_format():
    html = show("{% export_links 'csv' %}", request=RequestFactory().get("/?q=a"))
    assert 'href="?q=a&amp;format=csv"' in html


def test_a_countdown_carries_the_servers_time_and_a_fallback_for_readers_without_script():
    html = show("{% countdown at %}", at=MIDNIGHT, legal_now=MIDNIGHT - dt.timedelta(hours=1))
    assert 'at="2026-03-23T16:00:00.000Z"' in html
    assert 'now="2026-03-23T15:00:00.000Z"' in html
    assert "2026-03-24 00:00" in html


class SampleForm(forms.Form):
    name = forms.CharField(label="名称", help_text="帮助")
    at = forms.DateTimeField(label="时间")
    kind = forms.ChoiceField(label="方式", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    file = forms.FileField(label="附件", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_fields_are_rendered_by_our_templates_and_a_refusal_shows_its_rule():
    form = SampleForm({"name": "", "at": "2026-03-20T09:00", "kind": "a"})
    form.add_error("at", forms.ValidationError("截止时间太早。", code="T3"))
    html = show("{{ form }}", form=form)
    assert '<label class="gh-label" for="id_name">' in html
    assert 'href="#id_name"' in html
    assert html.count(">T3</span>") == 2, "once in the summary, once under the field"
    assert ">required</span>" not in html, "Django's own codes are no rules of law"
    assert 'type="datetime-local"' in html
    assert 'value="2026-03-20T09:00"' in html
    assert 'id="id_at_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_initial_moments_reach_native_inputs_as_local_time(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    form = SampleForm(initial={"at": dt.datetime(2026, 3, 18, 17, 5, tzinfo=dt.UTC)})
    assert 'value="2026-03-19T01:05"' in str(form["at"])


def test_a_signed_form_names_its_act_and_brings_the_token_and_the_content():
    html = show(
        "{% signed_form form 'bid.seal' '/lots/1/' 'n-1' '密封投标' '签名' %}<b>补充</b>{% endsigned_form %}",
        form=SampleForm(),
        csrf_token="token",
        legal_now=MIDNIGHT,
    )
    for part in (
        'verb="bid.seal"',
        'subject="/lots/1/"',
        'nonce="n-1"',
        'verb-title="密封投标"',
        'now="2026-03-23T16:00:00.000Z"',
        'name="act"',
        'name="act_signature"',
        "csrfmiddlewaretoken",
        "<b>补充</b>",
        'name="file"',
        "multipart/form-data",
    ):
        assert part in html
    assert html.count('name="secret"') == 1


def test_a_form_without_own_fields_still_signs():
    html = show("{% signed_form None 'a' 'b' 'c' 'd' %}{% endsigned_form %}")
    assert "None" not in html
    assert 'name="act"' in html


def test_a_formset_is_a_table_with_one_head():
    formset = forms.formset_factory(SampleForm, extra=2)()
    html = show("{{ formset }}", formset=formset)
    assert html.count("<thead>") == 1
    assert html.count('name="form-1-secret"') == 1
    assert "form-TOTAL_FORMS" in html
