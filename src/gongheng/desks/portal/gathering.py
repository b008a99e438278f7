"""What the pages over many apps gather through config/wiring.py: cards, things to do, history (汇集)."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from config import wiring
from gongheng.followers.archive.models import Volume
from gongheng.followers.archive.queries import visible_to as archive_visible_to
from gongheng.kernel.regions import region
from gongheng.kernel.roles import ROLE_NAMES, Actor, Role
from gongheng.trading.draws.queries import visible_to as draws_visible_to
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.queries import Line, entries_of_lot, history
from gongheng.ui.cards import LotCard, Todo

#: The stage of the stepper (ui STAGES) at which a lot stands; the failed ones stand nowhere.
STAGES = {
    State.DRAFT: "登记", State.RETURNED: "登记", State.REGISTERED: "备案", State.FILED: "文件",
    State.ANNOUNCED: "投标", State.CLOSED: "开标", State.OPENING: "开标", State.OPENED: "评标",
    State.EVALUATING: "评标", State.REPORTED: "公示", State.PUBLICITY: "公示", State.AWARDED: "定标",
    State.NOTIFIED: "合同", State.CONTRACTED: "归档", State.ARCHIVED: "归档",
}
#: The trustees as people call them; the log keeps the short names of their programs.
TRUSTEES = {"centre": "交易中心", "supervisor": "行政监督部门", "notary": "公证机构"}
#: Badge tones for the card tones, which are words of Tabler's palette.
BADGES = {"blue": "info", "green": "success", "red": "danger", "yellow": "warning", "secondary": "neutral"}
BUTTONS = {"primary": "btn-primary", "outline-primary": "btn-outline-primary", "danger": "btn-danger"}
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of 32 bytes


@dataclass(frozen=True)
class HistoryLine:
    """One line of the history as the timeline tag shows it; a person is named only by his role."""

    at: datetime
    sentence: str
    actor: str
    position: int | None
    digest: str


def cards(lot: Lot, actor: Actor, now: datetime) -> list[dict]:
    """Return each stage's card as this actor may see it, in stage order, ready for the template."""
    found = [import_string(name)(lot, actor, now) for name in wiring.LOT_CARDS]
    return [_card(one) for one in found if one is not None]


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Return what waits for this actor in all apps, the nearest deadline first."""
    found = [todo for name in wiring.TODOS for todo in import_string(name)(actor, now)]
    return sorted(found, key=lambda todo: (todo.due_at is None, todo.due_at or now))


def lot_history(lot: Lot) -> list[HistoryLine]:
    """Return what happened in the lot, newest first, in sentences."""
    return [_line(one) for one in history(entries_of_lot(lot.pk))]


def documents(actor: Actor) -> QuerySet[Document]:
    """Return what this actor may download: public documents, and what his part in a lot entitles him to.

    Everything else that is not public has a door of its own where its app decides.
    """
    records = draws_visible_to(actor).order_by().values("record")
    indexes = Volume.objects.filter(lot__in=archive_visible_to(actor)).values("index")
    return Document.objects.filter(Q(is_public=True) | Q(pk__in=records) | Q(pk__in=indexes))


def sentence(verb: str, facts: dict) -> str:
    """Return the sentence of one evidence verb with its facts; an unknown verb says itself."""
    shown = {name: _said(name, value) for name, value in facts.items()}
    return wiring.sentences().get(verb, verb).format_map(_Facts(shown))


def _said(name: str, value):
    """Return a fact as people say it; the log keeps digests whole and codes bare."""
    if name == "trustee":
        return TRUSTEES.get(value, value)
    if name == "stratum":
        city, _, specialty = value.partition("/")
        return f"{region(city).name} {specialty}"
    return f"{value[:10]}…" if isinstance(value, str) and _DIGEST.fullmatch(value) else value


class _Facts(dict):
    """Old entries may lack a fact that today's sentence names; the log is never rewritten for it."""

    def __missing__(self, key: str) -> str:
        return "—"


def _line(one: Line) -> HistoryLine:
    return HistoryLine(one.at, sentence(one.verb, one.facts), ROLE_NAMES[Role(one.role)], one.position, one.digest)


def _card(one: LotCard) -> dict:
    return {
        "title": one.title, "icon": one.icon, "status": one.status, "tone": BADGES.get(one.tone, "info"),
        "facts": one.facts,
        "links": [{"label": link.label, "url": link.url, "button": BUTTONS.get(link.tone, f"btn-{link.tone}")}
                  for link in one.links],
    }
