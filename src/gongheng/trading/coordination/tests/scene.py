"""A filed lot in 济南 with a helper city 青岛, and everybody who has a part in it, for tests (场景)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre, Room, Seat
from gongheng.places.venues.tests.choosing import choose_seats
from gongheng.trading.coordination import actions
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trust.certificates.tests.issuing import NOW

STARTS = NOW + timedelta(hours=30)
ENDS = STARTS + timedelta(hours=6)


@dataclass
class Scene:
    """The lot and its people; ``jinan`` is the main venue."""

    lot: Lot
    agency: Actor
    tenderer: Actor
    supervisor: Actor
    jinan: Actor
    qingdao: Actor
    outsider: Actor
    main: Centre
    sub: Centre
    clock: object

    def request(self, **changes) -> VenueOrder:
        asked = {
            "starts_at": STARTS, "ends_at": ENDS, "main_seats": 3, "sub_venues": {self.sub: 2}, "contact": "李四",
            "phone": "13800000000", "actor": self.agency, "clock": self.clock,
        }
        return actions.request_venues(self.lot, **asked | changes)

    def confirm(self, offer: Offer, actor: Actor) -> Offer:
        offer.refresh_from_db()
        free = venues.free_seats(offer.centre, offer.order.starts_at, offer.order.ends_at, self.clock.now())
        seats = list(Seat.objects.filter(pk__in=choose_seats(free, offer.seats_wanted)))
        return actions.confirm_offer(offer, seats=seats, actor=actor, clock=self.clock)

    def confirmed(self, **changes) -> VenueOrder:
        order = self.request(**changes)
        self.confirm(order.offers.get(is_main=True), self.jinan)
        self.confirm(order.offers.get(is_main=False), self.qingdao)
        order.refresh_from_db()
        return order


def organisation(number: int, name: str, region: str, role: Role) -> Organisation:
    return Organisation.objects.create(
        uscc=make_uscc("1", "2", region, 71000000 + number), name=name, region=region, roles=[str(role)],
        legal_representative="甲", registered_at=NOW, state="active",
    )


def centre(of: Organisation, rooms: int, seats: int) -> Centre:
    made = Centre.objects.create(
        organisation=of, region=of.region, short_name=of.name, address="某路1号", phone="0531-1"
    )
    for number in range(1, rooms + 1):
        room = Room.objects.create(centre=made, name=f"第{number}评标室", floor="2层")
        Seat.objects.bulk_create([Seat(room=room, number=f"{seat:02d}") for seat in range(1, seats + 1)])
    return made


@pytest.fixture
def scene(db, platform) -> Scene:
    tenderer = organisation(1, "济南市教育局", "370102", Role.TENDERER)
    agency = organisation(2, "山东正衡咨询", "370102", Role.AGENCY)
    supervisor = organisation(3, "济南市住建局", "370100", Role.SUPERVISOR)
    jinan = organisation(4, "济南中心", "370100", Role.CENTRE)
    qingdao = organisation(5, "青岛中心", "370200", Role.CENTRE)
    outsider = organisation(6, "烟台中心", "370600", Role.CENTRE)
    host = Actor("p-agency", Role.AGENCY, str(agency.pk))
    watcher = Actor("p-supervisor", Role.SUPERVISOR, str(supervisor.pk))
    doing = {"actor": host, "clock": platform.CLOCK}
    project = projects.register_project(
        name="学校", region_code="370102", address="某路", industry="A01", invest_project_code="", fund_source="财政",
        scale="一万平方米", approval_name="批复", approval_number="", approval_authority="", owner=tenderer, **doing,
    )
    tender = projects.register_tender_project(
        project, name="学校施工", content="土建", is_by_law=True, form="2", tenderer=tenderer, agency=agency,
        supervisor=supervisor, **doing,
    )
    lot = projects.add_lot(
        tender, name="一标段", content="土建", classification="A08", region_code="370102", place_region="370102",
        estimate=Decimal("10000000.00"), qualification="总承包二级", period_days=200, **doing,
    )
    projects.submit_lot(lot, **doing)
    projects.file_lot(lot, filing_number="", actor=watcher, clock=platform.CLOCK)
    return Scene(
        lot=lot, agency=host, tenderer=Actor("p-tenderer", Role.TENDERER, str(tenderer.pk)), supervisor=watcher,
        jinan=Actor("p-jinan", Role.CENTRE, str(jinan.pk)), qingdao=Actor("p-qingdao", Role.CENTRE, str(qingdao.pk)),
        outsider=Actor("p-yantai", Role.CENTRE, str(outsider.pk)),
        main=centre(jinan, 3, 4), sub=centre(qingdao, 2, 4), clock=platform.CLOCK,
    )
