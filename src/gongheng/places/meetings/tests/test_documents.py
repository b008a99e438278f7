"""A document is looked at in step: whoever leads turns the page for all, as bare pictures, and only for the room."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import Http404

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import actions, queries, reading
from gongheng.places.meetings.actions import conducting
from gongheng.places.meetings.tests.test_pages import ask
from gongheng.places.meetings.views import room as views
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.documents.tests.foreign_files import pdf


@pytest.fixture
def document(room):
    stored = store.put(io.BytesIO(pdf(pages=3)))
    row = Document.objects.create(
        kind="attachment", title="招标文件", digest=stored.digest, size=stored.size, media_type="application/pdf",
        created_at=room.clock.now(),
    )
    actions.offer_document(room.meeting, row, "招标文件", pages=3, actor=room.actor("host"), clock=room.clock)
    return room.meeting.documents.get()


def test_everybody_sees_the_page_that_the_leader_turned_to(room, document):
    leader, other = room.join("e1"), room.join("e2")
    conducting.show_page(leader, document, 2, clock=room.clock)
    seen = queries.state_for(other, signals_after=0, messages_after=0, now=room.clock.now())["shown"]
    assert (seen["title"], seen["page"], seen["pages"]) == ("招标文件", 2, 3)
    conducting.show_page(leader, None, 1, clock=room.clock)
    assert queries.state_for(other, signals_after=0, messages_after=0, now=room.clock.now())["shown"] is None


def test_only_who_leads_turns_and_only_to_pages_that_are_there(room, document):
    expert, watch = room.join("e1"), room.join("watch")
    with pytest.raises(Refusal, match="RIGHT"):
        conducting.show_page(watch, document, 1, clock=room.clock)
    for page in (0, 4):
        with pytest.raises(Refusal, match="PAGE"):
            conducting.show_page(expert, document, page, clock=room.clock)
    room.meeting.refresh_from_db()
    assert room.meeting.shown is None


def test_a_page_is_a_picture_for_the_room_alone(room, document):
    named = {"pk": room.meeting.pk, "document": document.pk, "number": 2}
    answer = ask(views.document_page, room.actor("e1"), **named)
    assert answer.content.startswith(b"\x89PNG")
    with pytest.raises(Http404):
        ask(views.document_page, room.actor("agency"), **named)
    turned_away = ask(views.document_page, room.actor("e1"), **{**named, "number": 9})
    assert turned_away.status_code == 302


def test_one_child_draws_for_the_whole_room_and_a_little_ahead(room, document, monkeypatch):
    document, drawn = room.meeting.documents.select_related("document").get(), []

    def draw(path, pages, out, width):
        drawn.append(pages)
        places = [out / f"page-{number + 1:04d}.png" for number in pages]
        for place in places:
            place.write_bytes(b"\x89PNG")
        return places

    monkeypatch.setattr(reading.sandbox, "page_images", draw)
    with ThreadPoolExecutor(4) as browsers:
        assert set(browsers.map(lambda _: reading.page_image(document, 2), range(4))) == {b"\x89PNG"}
    assert reading.page_image(document, 3) == b"\x89PNG"
    assert drawn == [[1, 2]]
