"""A lot that was opened, with two confirmed venues, five drawn experts and four bids, for tests (场景)."""

import dataclasses
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from gongheng.crypto import canonical
from gongheng.kernel.clock import SettableClock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.people.identity import actions as identity
from gongheng.people.identity.models import Person
from gongheng.people.identity.tests.test_sign_in import sign_in
from gongheng.places.access.gates import Comparison
from gongheng.places.access.models import Visit
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre, Room, Seat
from gongheng.places.venues.queries import bookings_for
from gongheng.places.venues.tests.choosing import choose_seats
from gongheng.trading.bids.models import Bid, BidFile
from gongheng.trading.coordination import actions as coordination
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.draws import pseudonyms
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trading.evaluation.actions import arriving, reviewing, scoring, sitting
from gongheng.trading.evaluation.method import BUILDING_CONSTRUCTION, Factor, FactorKind
from gongheng.trading.evaluation.models import (
    Arrival,
    Ballot,
    Conclusion,
    DeviationReason,
    Draft,
    Evaluation,
    Mark,
    Member,
    ReportSignature,
    Score,
    SealedWork,
)
from gongheng.trading.evaluation.queries import arrival_code, confirmed_order, seat_code
from gongheng.trading.notices.tests.building import DUE, announced_lot
from gongheng.trading.opening.models import Opening
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.tests.building import Cast, actor, cast, of, organisation
from gongheng.trust.certificates.tests.issuing import Held, TestAuthority
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.nonces import fresh_nonce

STARTS = DUE + timedelta(hours=4)
#: Three review items and two factors keep a whole evaluation short; the rules about more have tests of their own.
METHOD = dataclasses.replace(
    BUILDING_CONSTRUCTION,
    factors=(
        Factor("F1", "施工方案", Decimal(30), FactorKind.RANGE, "优 25—30 分"),
        Factor("F2", "进度网络图", Decimal(10), FactorKind.FIXED, "有则得 10 分"),
    ),
    form=BUILDING_CONSTRUCTION.form[:1], qualification=BUILDING_CONSTRUCTION.qualification[:1],
    response=BUILDING_CONSTRUCTION.response[:1],
)
MATCH = Comparison(9400, True)
ITEMS = tuple(item.id for item in METHOD.items)
BIDDERS = (
    ("济南恒筑建设有限公司", "9800000.00"), ("济南鲁源建筑安装有限公司", "10100000.00"),
    ("青岛海拓建设工程股份有限公司", "9950000.00"), ("潍坊建工有限公司", "10500000.00"),
)


@dataclass
class World:
    """The lot, its parties, its venues and its drawn experts: three in 济南, two in 青岛, one more in the list."""

    clock: SettableClock
    lot: Lot
    who: Cast
    qingdao: Actor
    bids: list[Bid]
    experts: list[Expert]
    spare: Expert
    draw: Draw
    held: dict[str, Held]

    def as_expert(self, expert: Expert) -> Actor:
        return Actor(str(expert.person_id), Role.EXPERT)

    def pick_of(self, expert: Expert) -> Pick:
        return Pick.objects.get(draw=self.draw, pid=pseudonyms.pid_of(self.draw, expert))

    def staff_of(self, expert: Expert) -> Actor:
        """Return the staff of the expert's own venue."""
        return self.who.centre if self.pick_of(expert).centre.short_name == "济南" else self.qingdao

    def arrive(self, evaluation: Evaluation, expert: Expert, comparison: Comparison = MATCH) -> Arrival:
        """Let his venue identify an expert; a clear match draws his seat."""
        return arriving.receive_expert(
            evaluation, code=arrival_code(self.pick_of(expert)), comparison=comparison, actor=self.staff_of(expert),
            clock=self.clock,
        )

    def code_of(self, arrival: Arrival) -> str:
        """Return the code that the screen of the drawn seat shows."""
        offer = confirmed_order(self.lot).offers.get(centre=arrival.centre)
        return next(seat_code(one) for one in bookings_for(offer.pk) if one.seat_id == arrival.seat_id)

    def opened(self) -> Evaluation:
        return sitting.open_evaluation(self.lot, actor=self.who.centre, clock=self.clock)

    def check_in(self, evaluation: Evaluation, expert: Expert) -> Member:
        code = self.code_of(self.arrive(evaluation, expert))
        return sitting.check_in(
            evaluation, expert, seat_code=code, actor=self.as_expert(expert), clock=self.clock
        )

    def seated(self) -> list[Member]:
        """Bring the committee to where it elects its leader."""
        evaluation = self.opened()
        members = [self.check_in(evaluation, expert) for expert in self.experts]
        for member in members:
            sitting.promise(member, actor=self.of(member), clock=self.clock)
        sitting.begin(evaluation, actor=self.who.centre, clock=self.clock)
        return self.fresh(members)

    def reviewing(self) -> list[Member]:
        """Bring the committee to its preliminary review; the first member leads."""
        members = self.seated()
        for member in members:
            sitting.vote_leader(member, choice=members[0], actor=self.of(member), clock=self.clock)
        return self.fresh(members)

    def reviewed(self, *, failing: tuple[int, ...] = ()) -> list[Member]:
        """Let everybody pass all bids but those at the places ``failing``."""
        members = self.reviewing()
        for member in members:
            self.mark_all(member, failing)
            reviewing.lock_preliminary(member, actor=self.of(member), clock=self.clock)
        return self.fresh(members)

    def mark_all(self, member: Member, failing: tuple[int, ...] = ()) -> None:
        """Leave the member's opinions as typed one by one, which the tests of marking do."""
        typed = [(bid, item, place in failing and item == ITEMS[1])
                 for place, bid in enumerate(self.bids) for item in ITEMS]
        marks = [
            Mark(member=member, bid=bid, item=item, passes=not fails, reason="营业执照已过期" if fails else "")
            for bid, item, fails in typed
        ]
        Mark.objects.bulk_create(
            marks, update_conflicts=True, unique_fields=["member", "bid", "item"], update_fields=["passes", "reason"]
        )

    def scored(self, points: dict[int, str] | None = None, **odd: str) -> list[Member]:
        """Bring the committee to its result; ``points`` by place of the bid, ``m1`` … another F1 of that member."""
        members = self.reviewed()
        for member in members:
            self.score_all(member, points or {}, odd.get(f"m{member.number}"))
            scoring.lock_sheet(member, actor=self.of(member), clock=self.clock)
        return self.fresh(members)

    def score_all(self, member: Member, points: dict[int, str], odd: str | None = None) -> None:
        places = {str(bid.pk): place for place, bid in enumerate(self.bids)}
        for alias in member.aliases.all():
            own = odd or points.get(places[alias.bid_sealed], "25")
            scoring.save_score(member, label=alias.label, factor="F1", points=Decimal(own), clock=self.clock)
            scoring.save_score(member, label=alias.label, factor="F2", points=Decimal(10), clock=self.clock)

    def of(self, member: Member) -> Actor:
        return self.as_expert(member.expert)

    def fresh(self, members: list[Member]) -> list[Member]:
        self.lot.refresh_from_db()
        pks = [member.pk for member in members]
        rows = Member.objects.select_related("evaluation__lot", "expert").in_bulk(pks)
        return [rows[pk] for pk in pks]


def opened_world(clock: SettableClock, authority: TestAuthority) -> World:
    """Set the scene; the clock stands twenty minutes before the session."""
    who = cast()
    lot = announced_lot(who, clock, method=METHOD.to_json())
    qingdao = actor(Role.CENTRE, organisation(Role.CENTRE, 62000000, "青岛市公共资源交易中心", "370200"))
    order = _venues(lot, who, qingdao, clock)
    held: dict[str, Held] = {}
    experts = [_expert(number, authority, held) for number in range(6)]
    draw = _draw(lot, order, experts)
    bids = [_bid(lot, place, *row) for place, row in enumerate(BIDDERS)]
    clock.advance_to(STARTS - timedelta(minutes=20))
    Lot.objects.filter(pk=lot.pk).update(state=State.OPENED, closed_at=DUE, closing_root=bytes(range(32)))
    lot.refresh_from_db()
    Opening.objects.create(
        lot=lot, state="done", host="h", host_name="某人", started_at=DUE, decrypt_until=DUE + timedelta(minutes=30),
        session_public=bytes(65), session_private=bytes(32), coefficient="1", platform_nonce=bytes(32),
        finished_at=DUE + timedelta(hours=1),
    )
    return World(clock, lot, who, qingdao, bids, experts[:5], experts[5], draw, held)


@dataclass
class Visitor:
    """One person's browser with his certificate; signed forms are sent as the island sends them."""

    client: Client
    held: Held
    clock: SettableClock

    def text(self, path: str) -> str:
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def sign(self, path: str, verb: str, **fields: str):
        now, values = self.clock.now(), {name: [value] for name, value in fields.items()}
        act = self.held.act(verb, path, fresh_nonce(now), values, at=canonical.timestamp(now))
        return self.client.post(path, values | act)


def refused(call) -> str:
    """Return the rule that refused, having made sure that nothing was written."""
    tables = (
        Entry, Member, Ballot, Mark, Score, Conclusion, DeviationReason, ReportSignature, Document, Arrival, Visit,
        Draft, SealedWork,
    )
    before = [table.objects.count() for table in tables]
    with pytest.raises(Refusal) as caught:
        call()
    assert [table.objects.count() for table in tables] == before
    return caught.value.rule


def visitor(held: Held, clock: SettableClock) -> Visitor:
    """Sign somebody in whose certificate is already bound to a person."""
    client = Client()
    answer = sign_in(client, held, at=canonical.timestamp(clock.now()))
    assert answer.status_code == 200, answer.content.decode()
    return Visitor(client, held, clock)


def _venues(lot: Lot, who: Cast, qingdao: Actor, clock: SettableClock) -> VenueOrder:
    for one, short in ((who.centre, "济南"), (qingdao, "青岛")):
        made = Centre.objects.create(
            organisation=of(one), region=of(one).region, short_name=short, address="某路1号", phone="0531-1"
        )
        for number in range(1, 4):
            room = Room.objects.create(centre=made, name=f"第{number}评标室", floor="2层")
            Seat.objects.bulk_create([Seat(room=room, number=f"{seat:02d}") for seat in (1, 2)])
    sub = Centre.objects.get(short_name="青岛")
    order = coordination.request_venues(
        lot, starts_at=STARTS, ends_at=STARTS + timedelta(hours=5), main_seats=3, sub_venues={sub: 2}, contact="李四",
        phone="13800000000", actor=who.agency, clock=clock,
    )
    for is_main, one in ((True, who.centre), (False, qingdao)):
        offer = order.offers.get(is_main=is_main)
        free = venues.free_seats(offer.centre, order.starts_at, order.ends_at, clock.now())
        chosen = Seat.objects.filter(pk__in=choose_seats(free, offer.seats_wanted))
        coordination.confirm_offer(offer, seats=list(chosen), actor=one, clock=clock)
    order.refresh_from_db()
    return order


def _expert(number: int, authority: TestAuthority, held: dict[str, Held]) -> Expert:
    one = authority.issue(f"专家{number}", "某设计院", not_after=STARTS + timedelta(days=300))
    person: Person = identity.register_person(
        f"专家{number}", "13900000000", authority.row(one), now=DUE - timedelta(days=25)
    )
    made = Expert.objects.create(
        person=person, citizen_id="1", region="370100" if number < 3 else "370200", employer_uscc=f"EMPLOYER{number}",
        employer_name="某设计院", title="高级工程师", years=10, entered_at=datetime(2026, 1, 5, tzinfo=DUE.tzinfo),
    )
    held[str(made.pk)] = one
    return made


def _draw(lot: Lot, order: VenueOrder, experts: list[Expert]) -> Draw:
    main, sub = order.offers.order_by("-is_main")
    strata = [
        {"name": "主场", "seats": 3, "venue": str(main.centre_id)},
        {"name": "副场", "seats": 2, "venue": str(sub.centre_id)},
    ]
    draw = Draw(
        lot=lot, attempt=1, venue_order=order, state=DrawState.COMPLETE, order={"strata": strata}, order_digest="o",
        pool_root="r", ordered_at=DUE, drawn_at=DUE,
    )
    pids = [pseudonyms.pid_of(draw, expert) for expert in experts]
    rows = [[pid, f"token{number}"] for number, pid in enumerate(pids)]
    draw.lists = {"主场": rows[:3], "副场": rows[3:]}
    draw.save()
    for number, pid in enumerate(pids[:5]):
        is_main = number < 3
        Pick.objects.create(
            draw=draw, stratum="主场" if is_main else "副场", rank=number + 1 if is_main else number - 2, pid=pid,
            centre=(main if is_main else sub).centre, employer=f"token{number}", state=PickState.ACCEPTED,
        )
    return draw


def _bid(lot: Lot, place: int, name: str, total: str) -> Bid:
    bidder = organisation(Role.BIDDER, 63000000 + place, name)
    bid = Bid.objects.create(
        lot=lot, digest=bytes([place + 1]) * 32, position=place + 1, sealed_at=DUE - timedelta(hours=place + 1),
        state=Bid.State.OPENED, way="own", organisation=bidder, bidder_name=name, uscc=bidder.uscc, contact="丙",
        phone="13900000000", total=Decimal(total), duration_days=360, quality="合格", manager="周海涛",
        opened_at=DUE + timedelta(minutes=20),
    )
    for number, (envelope, text) in enumerate((("E1", f"{name}营业执照"), ("E2", f"施工方案第{place}版")), 1):
        body = text.encode()
        kept = store.put(io.BytesIO(body))
        BidFile.objects.create(
            bid=bid, envelope=envelope, number=number, name=f"{name}.txt", size=len(body), digest=kept.digest,
            kind="text",
        )
    return bid
