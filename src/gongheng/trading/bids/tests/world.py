"""A tender up to any stage, built through actions and HTTP alone, for tests of bids and opening (测试世界)."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.roles import THE_CLOCK, Actor, Role
from gongheng.people.identity.tests.test_sign_in import employ
from gongheng.people.parties.models import Organisation
from gongheng.trading.bids import actions as bids
from gongheng.trading.evaluation.method import BUILDING_CONSTRUCTION
from gongheng.trading.notices import actions as notices
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trust.certificates.tests.issuing import TestAuthority
from gongheng.trust.evidence import sequencer
from tools.bid import client
from tools.trustee.__main__ import Trustee
from tools.trustee.platform import Platform
from tools.trustee.store import Store
from tools.visitor import SoftCertificate, Visitor

ORIGIN = "http://localhost:8000"
#: Small on purpose: what is tested is the order of things, not the speed of ciphers.
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Player:
    """A person with certificates who acts for an organisation, in code (actor) and over HTTP (visitor)."""

    actor: Actor
    key: SoftCertificate
    visitor: Visitor
    organisation: Organisation


@dataclass
class World:
    """One lot and everybody who has to do with it."""

    authority: TestAuthority
    settings: object
    folder: Path
    lot: Lot = None
    trustees: dict[str, Trustee] = field(default_factory=dict)
    players: dict[str, Player] = field(default_factory=dict)
    serial: int = 0
    site: Callable = field(default_factory=lambda: in_this_transaction(WSGIHandler()))

    @property
    def clock(self):
        return self.settings.CLOCK

    def player(self, name: str, role: Role) -> Player:
        """Return the player of that name, made on first use."""
        if name not in self.players:
            self.serial += 1
            uscc = make_uscc("9", "1", "370102", 70000100 + self.serial)
            sign = self.authority.issue(f"{name}经办", f"{name}有限公司", uscc)
            enc = self.authority.issue(f"{name}经办", f"{name}有限公司", uscc, usage="enc")
            person = employ(sign, role, uscc=uscc)
            organisation = Organisation.objects.get(uscc=uscc)
            key = SoftCertificate(
                str(person.pk), person.name, organisation.name, uscc, sign.der, enc.der, sign.private, enc.private
            )
            visitor = Visitor(ORIGIN, key)
            visitor.http = self.in_process(follow_redirects=True)
            actor = Actor(str(person.pk), role, str(organisation.pk), person.name)
            self.players[name] = Player(actor, key, visitor, organisation)
        return self.players[name]

    def bidder(self, number: int) -> Player:
        player = self.player(f"投标人{number}建设", Role.BIDDER)
        if "sessionid" not in player.visitor.http.cookies:
            player.visitor.sign_in()
        return player

    def announce(self, fallback: str = TenderDocument.Fallback.ON_FAULT) -> Lot:
        """Bring a lot to its announcement, with trustees' keys."""
        agency, tenderer = self.player("代理", Role.AGENCY), self.player("招标", Role.TENDERER)
        supervisor = self.player("住建", Role.SUPERVISOR)
        by = {"actor": agency.actor, "clock": self.clock}
        project = projects.register_project(
            name="凤鸣路小学新建工程", region_code="370102", address="凤鸣路1号", industry="A01",
            invest_project_code="", fund_source="财政资金", scale="一万平方米", approval_name="可研批复",
            approval_number="1", approval_authority="发改委", owner=tenderer.organisation, **by,
        )
        tender = projects.register_tender_project(
            project, name="凤鸣路小学施工", content="教学楼", is_by_law=True, form="2", tenderer=tenderer.organisation,
            agency=agency.organisation, supervisor=supervisor.organisation, **by,
        )
        lot = projects.add_lot(
            tender, name="一标段", content="施工总承包", classification="A08", region_code="370102",
            place_region="370100", estimate=Decimal(10_000_000), qualification="总承包二级", period_days=365, **by,
        )
        start = self.clock.now()
        notices.save_tender_document(
            lot, method=BUILDING_CONSTRUCTION.to_json(), qualification="总承包二级", ceiling=Decimal("12000000.00"),
            deposit=Decimal(100_000), validity_days=90, quality="合格", sale_starts_at=start,
            sale_ends_at=start + timedelta(days=10), bids_due_at=start + timedelta(days=25), fallback=fallback, **by,
        )
        projects.submit_lot(lot, **by)
        projects.file_lot(lot, filing_number="", actor=supervisor.actor, clock=self.clock)
        notices.publish_notice(lot, **by)
        self.lot = Lot.objects.get(pk=lot.pk)
        for name in ("centre", "supervisor", "notary"):
            self.trustee(name).enrol(str(lot.pk))
        return self.lot

    def trustee(self, name: str) -> Trustee:
        if name not in self.trustees:
            store = Store(self.folder / "trustees" / name, name)
            platform = Platform(ORIGIN, name, store.identity, self.clock, self.in_process())
            self.trustees[name] = Trustee(name, store, platform)
        return self.trustees[name]

    def in_process(self, **options) -> httpx.Client:
        """Return a client that speaks to the platform in this very thread and transaction."""
        return InProcess(self.site, options)

    def rules(self, player: Player) -> dict:
        return client.sealing_rules(player.visitor, str(self.lot.pk))

    def offer(self, fen: int = 1_000_000_000) -> client.Offer:
        return client.Offer(fen, 360, "合格", "李建国", "王芳", "13800000000")

    def bid(self, number: int, fen: int = 1_000_000_000, **options) -> client.KeptBid:
        """Let a bidder seal and hand in a bid over HTTP."""
        player = self.bidder(number)
        return client.seal_and_submit(
            player.visitor, self.rules(player), player.key, self.offer(fen), [("营业执照.pdf", io.BytesIO(PDF))],
            [("施工组织设计.pdf", io.BytesIO(PDF * 3))],
            **{"machine": [("mac", f"D8-9E-F3-00-00-0{number}")]} | options,
        )

    def close(self) -> None:
        """Let the deadline come, close, strike covers, and have the log sequenced."""
        self.clock.advance_to(self.lot.bids_due_at)
        bids.close_lot(self.lot, actor=THE_CLOCK, clock=self.clock)
        for name in ("centre", "supervisor", "notary"):
            self.trustee(name).strike_covers(str(self.lot.pk))
        sequence()
        self.lot.refresh_from_db()


class InProcess(httpx.Client):
    """A client that calls the application itself; a copy of it has cookies of its own."""

    def __init__(self, site: Callable, options: dict):
        super().__init__(transport=httpx.WSGITransport(app=site), base_url=ORIGIN, **options)
        self.site, self.options = site, options

    def __deepcopy__(self, memo: dict) -> "InProcess":
        twin = InProcess(self.site, self.options)
        twin.cookies = self.cookies
        return twin


def in_this_transaction(site: WSGIHandler) -> Callable:
    """Keep a request from closing the connection that holds the test's transaction, as Django's own client does."""

    def application(environ, start_response):
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            response = site(environ, start_response)
            body = b"".join(response)
            response.close()
            return [body]
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)

    return application


def sequence() -> None:
    """Let the sequencer work until it has nothing to do."""
    while sequencer.step():
        pass


def make_world(authority: TestAuthority, settings) -> World:
    """Return an empty world whose platform keeps its files where the settings say."""
    settings.TRUSTEE_KEYS = settings.VAR / "trustees"
    settings.WITNESS_URL = ""
    return World(authority, settings, settings.VAR)
