"""Every frame renders whole, obeys the page policy, and the error pages give nothing away (页面框架测试)."""

import re

import pytest
from django.template.loader import render_to_string

from gongheng.ui.gallery import FRAMES, gallery_context


def page(name: str) -> str:
    return render_to_string(f"ui/gallery/{name}.html", gallery_context())


@pytest.mark.parametrize("frame", FRAMES)
def test_no_frame_holds_inline_script_or_style(frame):
    html = page(frame)
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert "<style" not in html
    assert "http://" not in html
    assert "https://" not in html


@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_has_a_language_one_heading_and_a_main_part(frame):
    html = page(frame)
    assert '<html lang="zh-CN"' in html
    assert html.count("<h1") == 1
    assert html.count("<main") == 1


@pytest.mark.parametrize("frame", FRAMES)
def test_ids_are_unique(frame):
    ids = re.findall(r'\sid="([^"]+)"', page(frame))
    assert len(ids) == len(set(ids))


def test_the_desk_shows_clock_person_navigation_and_evidence():
    html = page("desk")
    for part in ("演示时间", "2026-03-18 09:26:40", "张明", 'aria-current="page"', "1042", "如何自行核验", "跳到正文"):
        assert part in html


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("404.html", "您要找的内容不存在"),
        ("403.html", "此操作未获准许"),
        ("403_csrf.html", "页面已过期"),
        ("400.html", "请求无法识别"),
        ("500.html", "系统出现意外错误"),
    ],
)
def test_error_pages_need_no_context(template, sentence):
    assert sentence in render_to_string(template)


def test_the_404_page_does_not_repeat_what_was_asked_for():
    asked = render_to_string("404.html", {"request_path": "/lots/secret/", "exception": "Lot 7 is sealed"})
    assert asked == render_to_string("404.html")
