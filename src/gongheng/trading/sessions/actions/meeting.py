"""The evaluation room of a session (音视频评标室): opened when the committee is complete, closed when it parts."""

import uuid

from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Membership
from gongheng.places.meetings.actions.convening import close_meeting, offer_document, open_meeting
from gongheng.places.meetings.queries import meeting_for
from gongheng.places.meetings.rules import Invitee, Part
from gongheng.trading.sessions.models import Session
from gongheng.trust.documents import sandbox, store
from gongheng.trust.documents.models import Document

#: Construction tenders: kept as long as their archive.
RETENTION = "construction"
#: How each organisation of a session is called in its room, besides the experts and the one who hosts.
_TITLES = {Part.SUPERVISOR: "监督", Part.AGENCY: "代理机构", Part.WITNESS: "副场见证", Part.HOST: "主场工作人员"}


def open_room(session: Session, *, actor: Actor, clock: Clock) -> None:
    """Open the room for the committee as it is now (开启评标室); another committee gets another room.

    The list is closed: the members by number, the staff of both venues, the agency at the door, the supervisors.
    """
    close_room(session, actor=actor, clock=clock)
    session.room = uuid.uuid4()
    session.save(update_fields=["room"])
    lot = session.lot
    meeting = open_meeting(
        session.room, f"{lot.tender_project.name}（{lot.name}）", participants=invitees_of(session, actor),
        retention=RETENTION, actor=actor, clock=clock,
    )
    # What lies on the table is public. Bids are not laid there: pages in step would lead the members' eyes.
    for document in Document.objects.filter(lot=lot.pk, kind="tender_document").order_by("created_at"):
        pages = sandbox.inspect(store.path(document.digest), "pdf").pages
        offer_document(meeting, document, document.title, pages=pages, actor=actor, clock=clock)


def close_room(session: Session, *, actor: Actor, clock: Clock) -> None:
    """Close the room if one is open (关闭评标室)."""
    meeting = meeting_for(session.room) if session.room else None
    if meeting is not None and meeting.closed_at is None:
        close_meeting(meeting, actor=actor, clock=clock)


def invitees_of(session: Session, host: Actor) -> list[Invitee]:
    """Return who may enter: nobody twice, and an expert only as an expert."""
    tender = session.lot.tender_project
    members = session.evaluation.members.select_related("expert", "seat__room").order_by("number")
    found = [
        Invitee(str(one.expert.person_id), one.label, Part.EXPERT, f"{one.seat.room.name} {one.seat.number}")
        for one in members
    ]
    offers = session.order.offers.filter(state="confirmed").select_related("centre")
    parties = [
        *((Part.HOST if offer.is_main else Part.WITNESS, offer.centre.organisation_id, Role.CENTRE)
          for offer in offers.order_by("-is_main")),
        (Part.SUPERVISOR, tender.supervisor_id, Role.SUPERVISOR), (Part.AGENCY, tender.agency_id, Role.AGENCY),
    ]
    taken = {one.person for one in found} | {host.id}
    found.append(Invitee(host.id, "主持席", Part.HOST))
    for part, organisation, role in parties:
        rows = Membership.objects.filter(organisation=organisation, role=role, ended_at=None).order_by("since", "pk")
        persons = [str(pk) for pk in rows.values_list("person", flat=True) if str(pk) not in taken]
        taken |= set(persons)
        found += [
            Invitee(person, f"{_TITLES[part]}{number}", part)
            for number, person in enumerate(persons, sum(one.part == part for one in found) + 1)
        ]
    return found
