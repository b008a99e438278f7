"""Reading volumes: who keeps them, who may take them away, what waits to be archived."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from gongheng.followers.archive.models import Volume
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues.models import Centre
from gongheng.places.venues.queries import centre_in, centre_of
from gongheng.trading.projects import queries as projects
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.ui.cards import Link, LotCard, Todo

#: From the award on everything that proves the tender is public.
PROVED = (State.AWARDED, State.NOTIFIED, State.CONTRACTED, State.ARCHIVED)
#: States in which a lot's volume is to be made or was made.
STAGE = (State.CONTRACTED, State.ARCHIVED)
#: How long after the contract the system reminds (DA/T 103 8.2).
REMINDER = timedelta(days=90)


def visible_to(actor: Actor) -> QuerySet[Lot]:
    """Return the contracted lots whose volume is the actor's business: main venue, host, supervisor."""
    lots = projects.visible_to(actor).filter(state__in=STAGE)
    match actor.role:
        case Role.CENTRE:
            centre = centre_of(actor)
            return _traded_at(lots, centre) if centre else lots.none()
        case Role.TENDERER:
            return lots.filter(tender_project__tenderer=actor.organisation)
        case Role.AGENCY:
            return lots.filter(tender_project__agency=actor.organisation)
        case Role.SUPERVISOR:
            return lots.filter(tender_project__supervisor=actor.organisation)
        case _:
            return lots.none()


def proved_lots(actor: Actor) -> QuerySet[Lot]:
    """Return the lots whose public evidence bundle anybody may take."""
    return projects.visible_to(actor).filter(state__in=PROVED)


def volume_of(lot: Lot) -> Volume | None:
    """Return the lot's volume, if it was archived."""
    return Volume.objects.select_related("index").filter(lot=lot).first()


def is_keeper(lot: Lot, actor: Actor) -> bool:
    """Say whether the actor works for the main venue, which keeps the volume."""
    centre = centre_in(lot.place_region)
    return actor.role == Role.CENTRE and centre is not None and actor.organisation == str(centre.organisation_id)


def archive_root() -> Path:
    """Return the folder of all volumes."""
    return Path(settings.FILES) / "archive"


def zip_of(volume: Volume) -> Path:
    return archive_root() / f"{volume.folder}.zip"


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show on the lot's page how it can be proved and whether it is archived."""
    if lot.state not in PROVED:
        return None
    volume = volume_of(lot)
    facts = [("存证包", "定标后公开，任何人可下载并离线核验")]
    if volume:
        facts += [("档号", volume.number), ("归档时间", volume.checked_at), ("案卷", f"{len(volume.contents)} 件")]
    links = [Link("下载公开存证包", f"/archive/{lot.pk}/bundle.zip")]
    if visible_to(actor).filter(pk=lot.pk).exists():
        links.insert(0, Link("案卷", f"/archive/{lot.pk}/", "primary" if volume is None else "outline-primary"))
    status, tone = (
        ("已归档", "green") if volume else ("待归档", "yellow") if lot.state == State.CONTRACTED else ("可核验", "blue")
    )
    return LotCard("归档与存证", "archive", status, tone, facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which contracted lots the main venue has still to archive."""
    if actor.role != Role.CENTRE or actor.organisation is None:
        return []
    waiting = (
        visible_to(actor)
        .filter(state=State.CONTRACTED)
        .select_related("contract")
        .order_by("contract__winner_signed_at")
    )
    return [
        Todo(
            "归档",
            f"{lot.tender_project.name}（{lot.name}）",
            f"/archive/{lot.pk}/",
            lot.contract.winner_signed_at + REMINDER,
        )
        for lot in waiting
    ]


def _traded_at(lots: QuerySet[Lot], centre: Centre) -> QuerySet[Lot]:
    province = centre.region.endswith("0000")
    return (
        lots.filter(place_region=centre.region) if province else lots.filter(place_region__startswith=centre.region[:4])
    )
