"""A whole tender played through actions, from the notice to the signed contract, for tests (测试招标全程)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from gongheng.crypto import canonical, labels
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert, Practice, Specialty
from gongheng.people.identity.actions import bind_certificate, register_person
from gongheng.people.identity.models import Person
from gongheng.places.access.gates import Comparison
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre, Room, Seat
from gongheng.places.venues.queries import bookings_for
from gongheng.places.venues.tests.choosing import choose_seats
from gongheng.trading.award import actions as award
from gongheng.trading.award.queries import candidates_of
from gongheng.trading.bids.tests.world import World, sequence
from gongheng.trading.contracts import actions as contracts
from gongheng.trading.coordination import actions as coordination
from gongheng.trading.draws.actions import seating
from gongheng.trading.draws.tests.parties import Party, Table, expert_of
from gongheng.trading.evaluation.actions import arriving, reporting, reviewing, scoring, sitting
from gongheng.trading.evaluation.models import Evaluation, Mark, Member
from gongheng.trading.evaluation.queries import arrival_code, confirmed_order, method_of, seat_code
from gongheng.trading.evaluation.queries.results import compute_result
from gongheng.trading.opening import actions as opening
from gongheng.trading.opening.models import Opening
from gongheng.trading.projects.models import Lot

HOUR = timedelta(hours=1)


@dataclass
class Play:
    """Plays the stages on a world of bids whose lot was announced and closed with three bids."""

    world: World

    @property
    def clock(self):
        return self.world.clock

    @property
    def lot(self) -> Lot:
        self.world.lot.refresh_from_db()
        return self.world.lot

    def actor(self, name: str, role: Role) -> Actor:
        return self.world.player(name, role).actor

    @property
    def agency(self) -> Actor:
        return self.actor("代理", Role.AGENCY)

    @property
    def centre(self) -> Actor:
        return self.actor("济南交易中心", Role.CENTRE)

    def by(self, actor: Actor) -> dict:
        return {"actor": actor, "clock": self.clock}

    # ------------------------------------------------------------------ venues and committee

    def venues(self) -> None:
        """Confirm two venues for the day after the deadline."""
        cities = (("济南交易中心", "370100", "济南"), ("青岛交易中心", "370200", "青岛"))
        for name, region, short in cities:
            player = self.world.player(name, Role.CENTRE)
            made = Centre.objects.create(
                organisation=player.organisation, region=region, short_name=short, address="某路1号", phone="0531-1"
            )
            for number in (1, 2, 3):
                room = Room.objects.create(centre=made, name=f"第{number}评标室", floor="2层")
                Seat.objects.bulk_create([Seat(room=room, number=f"{seat:02d}") for seat in (1, 2)])
        starts_at = self.lot.bids_due_at + 4 * HOUR
        order = coordination.request_venues(
            self.lot,
            starts_at=starts_at,
            ends_at=starts_at + 5 * HOUR,
            main_seats=3,
            sub_venues={Centre.objects.get(short_name="青岛"): 2},
            contact="李四",
            phone="13800000000",
            **self.by(self.agency),
        )
        for is_main, (name, _, _) in zip((True, False), cities, strict=True):
            offer = order.offers.get(is_main=is_main)
            free = venues.free_seats(offer.centre, order.starts_at, order.ends_at, self.clock.now())
            seats = list(Seat.objects.filter(pk__in=choose_seats(free, offer.seats_wanted)))
            coordination.confirm_offer(offer, seats=seats, **self.by(self.actor(name, Role.CENTRE)))

    def draw(self) -> None:
        """Draw five experts in the three phases; one invited expert refuses."""
        self._pool()
        members = (self.centre, self.actor("住建", Role.SUPERVISOR), self.agency)
        parties = [self._party(index, actor) for index, actor in enumerate(members, start=1)]
        table = Table(SimpleNamespace(lot=self.lot, clock=self.clock), parties)
        draw = table.committed()
        self.world.cosign()
        for act in ("points", "acknowledge", "reveal"):
            for party in parties:
                getattr(party, act)(draw, self.clock)
        first = draw.picks.filter(state="invited").first()
        seating.refuse_invitation(first, **self.by(Actor(str(expert_of(draw, first).person_id), Role.EXPERT)))
        for pick in draw.picks.filter(state="invited"):
            seating.accept_invitation(pick, **self.by(Actor(str(expert_of(draw, pick).person_id), Role.EXPERT)))
        draw.refresh_from_db()
        self.table, self.drawn = table, draw

    def _pool(self) -> None:
        for code, name, parent in (("A08", "工程施工", None), ("A0801", "房屋建筑工程施工", "A08")):
            Specialty.objects.create(code=code, name=name, parent_id=parent)
        now = self.clock.now()
        for number in range(110):
            person = Person.objects.create(name=f"专家{number}", phone=f"139{number:08d}", registered_at=now)
            expert = Expert.objects.create(
                person=person,
                citizen_id="x",
                region="370102" if number % 5 < 3 else "370202",
                title="高级工程师",
                employer_uscc=f"91370100EMP{number % 40:06d}X",
                employer_name="某单位",
                years=10,
                entered_at=now,
            )
            Practice.objects.create(expert=expert, specialty_id="A0801", is_main=True)

    def _party(self, index: int, actor: Actor) -> Party:
        now = self.clock.now()
        held = {usage: self.world.authority.issue(name=f"经办{index}", usage=usage) for usage in ("sign", "enc")}
        rows = {usage: self.world.authority.row(one) for usage, one in held.items()}
        person = register_person(f"经办{index}", "13700000000", rows["sign"], now=now)
        bind_certificate(person, rows["enc"], now=now)
        own = Actor(str(person.pk), actor.role, actor.organisation, f"经办{index}")
        return Party(index, own, rows["sign"], held["sign"].private, held["enc"].private)

    # ------------------------------------------------------------------ opening to contract

    def open(self) -> None:
        """Open all bids, one of them through the trustees, and finish with a signed record."""
        session = Opening.objects.get(lot=self.lot)
        opening.end_decryption(session, **self.by(self.agency))
        opening.make_record(session, **self.by(self.agency))
        opening.sign_record(session, **self.by(self.agency))
        opening.finish_opening(session, **self.by(self.agency))

    def evaluate(self) -> Evaluation:
        """Let the committee check in, review, score and sign."""
        self.clock.advance_to(self.lot.venue_orders.get(state="confirmed").starts_at)
        evaluation = sitting.open_evaluation(self.lot, **self.by(self.centre))
        order = confirmed_order(self.lot)
        for pick in self.drawn.picks.filter(state="accepted"):
            expert = expert_of(self.drawn, pick)
            offer = order.offers.get(centre=pick.centre)
            staff = Actor("staff", Role.CENTRE, str(pick.centre.organisation_id))
            arrival = arriving.receive_expert(
                evaluation, code=arrival_code(pick), comparison=Comparison(9400, True), **self.by(staff)
            )
            code = next(seat_code(one) for one in bookings_for(offer.pk) if one.seat_id == arrival.seat_id)
            member = sitting.check_in(evaluation, expert, seat_code=code, **self.by(_expert(expert)))
            sitting.promise(member, **self.by(_expert(expert)))
        sitting.begin(evaluation, **self.by(self.centre))
        for act in (self._vote, self._review, self._score):
            for member in self._members(evaluation):
                act(member)
        leader = self._members(evaluation)[0]
        digest = canonical.b64(labels.digest(labels.DOCUMENT, canonical.encode(compute_result(leader.evaluation))))
        reporting.make_report(leader, opinion="按招标文件评审。", result=digest, **self.by(_expert(leader.expert)))
        for member in self._members(evaluation):
            reporting.sign_report(
                member,
                agrees=True,
                dissent="",
                document=member.evaluation.report.digest,
                **self.by(_expert(member.expert)),
            )
        return evaluation

    def _members(self, evaluation: Evaluation) -> list[Member]:
        return list(
            Member.objects.filter(evaluation=evaluation).select_related("evaluation__lot", "expert").order_by("number")
        )

    def _vote(self, member: Member) -> None:
        leader = member.evaluation.members.order_by("number").first()
        sitting.vote_leader(member, choice=leader, **self.by(_expert(member.expert)))

    def _review(self, member: Member) -> None:
        Mark.objects.bulk_create(
            Mark(member=member, bid=bid, item=item.id, passes=True)
            for bid in self.lot.bids.filter(state="opened") for item in method_of(self.lot).items
        )
        reviewing.lock_preliminary(member, **self.by(_expert(member.expert)))

    def _score(self, member: Member) -> None:
        for place, alias in enumerate(member.aliases.order_by("label")):
            for factor in method_of(self.lot).factors:
                points = factor.max if factor.kind == "FIXED" else factor.max - Decimal(place) / 4
                scoring.save_score(member, label=alias.label, factor=factor.id, points=points, clock=self.clock)
        scoring.lock_sheet(member, **self.by(_expert(member.expert)))

    def award(self) -> None:
        """Make the candidates public, decide, notify and sign the contract."""
        self.clock.advance_to(self.clock.now() + HOUR)
        ends_at = award.earliest_publicity_end(self.lot, self.clock.now())
        award.publicise_candidates(self.lot, ends_at=ends_at, **self.by(self.agency))
        self.clock.advance_to(self.lot.publicity_ends_at)
        tenderer, first = self.actor("招标", Role.TENDERER), candidates_of(self.lot).first()
        award.decide_winner(self.lot, candidate=first, ground="first", reason="", **self.by(tenderer))
        award.send_award_notice(self.lot, **self.by(self.agency))
        bid = first.bid
        contract = contracts.draft_contract(
            self.lot,
            price=bid.total,
            duration_days=bid.duration_days,
            quality=bid.quality,
            manager=bid.manager,
            performance_bond=Decimal(0),
            **self.by(self.agency),
        )
        winner = next(one.actor for one in self.world.players.values() if one.organisation == bid.organisation)
        contracts.sign_contract(contract, document=contract.document.digest, **self.by(tenderer))
        contracts.sign_contract(contract, document=contract.document.digest, **self.by(winner))
        sequence()


def _expert(expert: Expert) -> Actor:
    return Actor(str(expert.person_id), Role.EXPERT)
