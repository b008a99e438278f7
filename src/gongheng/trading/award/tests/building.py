"""A lot whose committee has signed its report, set up directly since the stages before have tests of their own."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.test import Client

from gongheng.crypto import canonical
from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.people.identity.models import Person
from gongheng.people.identity.tests.test_sign_in import employ, sign_in
from gongheng.places.venues.models import Centre, Room, Seat
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation.lifecycle import State as EvaluationState
from gongheng.trading.evaluation.models import Conclusion, Evaluation, Member
from gongheng.trading.notices.tests.building import DUE, announced_lot
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.tests.building import Cast, actor, cast, of, organisation
from gongheng.trust.certificates.tests.issuing import Held, TestAuthority
from gongheng.trust.signatures.nonces import fresh_nonce

REPORTED_AT = DUE + timedelta(hours=6)  # Friday 2026-03-27 15:30 in Shanghai
#: Bidders in the order of their seals: price, technical, price score, total; the last one was rejected.
BIDS = (
    ("济南恒筑建设有限公司", "9800000.00", "35.00", "58.50", "93.50"),
    ("济南鲁源建筑安装有限公司", "10100000.00", "34.20", "57.90", "92.10"),
    ("青岛海拓建设工程股份有限公司", "9950000.00", "33.00", "58.00", "91.00"),
    ("潍坊建工有限公司", "10500000.00", "30.00", "55.00", "85.00"),
    ("烟台东岳市政路桥有限公司", "9900000.00", None, None, None),
)
MEMBERS = ("陈一", "褚二", "卫三", "蒋四", "沈五")


@dataclass(frozen=True)
class Reported:
    """The lot, its parties, and somebody for each bidder in the order of BIDS."""

    lot: Lot
    who: Cast
    bidders: list[Actor]


def reported_lot(clock: Clock) -> Reported:
    """Bring a lot to where its candidates may be made public; the clock stands an hour after the report."""
    who = cast()
    lot = announced_lot(who, clock)
    clock.advance_to(REPORTED_AT + timedelta(hours=1))
    Lot.objects.filter(pk=lot.pk).update(state=State.REPORTED, closed_at=DUE, closing_root=bytes(32))
    lot.refresh_from_db()
    bidders = [who.bidder] + [
        actor(Role.BIDDER, organisation(Role.BIDDER, 61000000 + number, row[0])) for number, row in enumerate(BIDS[1:])
    ]
    bids = [_bid(lot, place, row, of(one)) for place, (row, one) in enumerate(zip(BIDS, bidders, strict=True), 1)]
    evaluation = Evaluation.objects.create(
        lot=lot, state=EvaluationState.DONE, started_at=DUE + timedelta(hours=1), reported_at=REPORTED_AT,
        finished_at=REPORTED_AT, result={"ranking": [
            {"rank": rank, "bidder": bid.uscc, "technical": row[2], "price_score": row[3], "total": row[4],
             "decided_by": "TOTAL"}
            for rank, (bid, row) in enumerate(zip(bids[:-1], BIDS[:-1], strict=True), 1)
        ]},
    )
    _committee(evaluation, of(who.centre), clock)
    Conclusion.objects.create(
        evaluation=evaluation, bid=bids[-1], item="Z2", passes=False, against=5, reasons="未附有效的安全生产许可证。"
    )
    return Reported(lot, who, bidders)


@dataclass
class Visitor:
    """One person's browser with his certificate; signed forms are sent as the island sends them."""

    client: Client
    held: Held
    clock: Clock

    def text(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def sign(self, path: str, verb: str, **fields: str):
        now, values = self.clock.now(), {name: [value] for name, value in fields.items()}
        act = self.held.act(verb, path, fresh_nonce(now), values, at=canonical.timestamp(now))
        return self.client.post(path, values | act)


def visitor(authority: TestAuthority, one: Actor, clock: Clock) -> Visitor:
    """Sign in somebody who acts for the organisation and in the role of ``one``."""
    own = of(one)
    held = authority.issue("某人", own.name, own.uscc, not_after=clock.now() + timedelta(days=300))
    employ(held, one.role, uscc=own.uscc)
    client = Client()
    answer = sign_in(client, held, at=canonical.timestamp(clock.now()))
    assert answer.status_code == 200, answer.content.decode()
    return Visitor(client, held, clock)


def _bid(lot: Lot, place: int, row: tuple, bidder) -> Bid:
    return Bid.objects.create(
        lot=lot, digest=bytes([place]) * 32, position=place, sealed_at=DUE - timedelta(hours=place),
        state=Bid.State.OPENED, way="own", organisation=bidder, bidder_name=bidder.name, uscc=bidder.uscc,
        contact="丙", phone="13900000000", total=Decimal(row[1]), duration_days=365, quality="合格", manager="周海涛",
        opened_at=DUE + timedelta(minutes=20),
    )


def _committee(evaluation: Evaluation, venue, clock: Clock) -> None:
    centre = Centre.objects.create(
        organisation=venue, region="370100", short_name="济南", address="某路1号", phone="0531-1"
    )
    room = Room.objects.create(centre=centre, name="第1评标室", floor="2层")
    for number, name in enumerate(MEMBERS, 1):
        person = Person.objects.create(name=name, phone="13800000000", registered_at=clock.now())
        expert = Expert.objects.create(
            person=person, citizen_id="1", region="370100", employer_uscc="x", employer_name="某院", title="高级工程师",
            years=10, entered_at=clock.now(),
        )
        Member.objects.create(
            evaluation=evaluation, expert=expert, pid=f"pid{number}", centre=centre, number=number,
            seat=Seat.objects.create(room=room, number=f"{number:02d}"), checked_in_at=evaluation.started_at,
        )
