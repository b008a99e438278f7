"""A pool of experts and three parties who do what the island draw-party does, for tests (抽取各方)."""

from dataclasses import dataclass, field, replace

import pytest

from gongheng.crypto import canonical, drawing, labels, signing
from gongheng.kernel.roles import Actor
from gongheng.people.experts.models import Expert, Practice, Specialty
from gongheng.people.identity.actions import bind_certificate, register_person
from gongheng.people.identity.models import Person
from gongheng.trading.coordination.tests.scene import Scene
from gongheng.trading.draws import pseudonyms, queries
from gongheng.trading.draws.actions import contributing, ordering, seating
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trading.draws.rules import Row
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence import sequencer

EMPLOYERS = 40


@dataclass
class Party:
    """One party's person with his keys; remembers its contribution as the browser would."""

    index: int
    actor: Actor
    certificate: Certificate
    sign_private: bytes
    enc_private: bytes
    contribution: drawing.Contribution = field(init=False)

    def __post_init__(self) -> None:
        self.contribution = drawing.Contribution.make(self.index, 3)

    def anew(self) -> "Party":
        """Return the same person with a fresh number, for a further draw."""
        return Party(self.index, self.actor, self.certificate, self.sign_private, self.enc_private)

    def message(self, draw: Draw, **body) -> bytes:
        return canonical.encode({"v": 1, "draw_id": str(draw.pk), "attempt": draw.attempt, "party": self.index, **body})

    def send(self, draw: Draw, clock, *, private: bytes | None = None, actor: Actor | None = None, **body) -> Draw:
        message = self.message(draw, **body)
        return contributing.take_message(
            draw, message=message, signature=signing.sign(private or self.sign_private, message, labels.DRAW_PARTY),
            phases=(body["phase"],), certificate=self.certificate, actor=actor or self.actor, clock=clock,
        )

    def commit(self, draw: Draw, clock) -> Draw:
        return self.send(draw, clock, phase="commit", commit=self.contribution.commit(queries.context_of(draw)))

    def points(self, draw: Draw, clock, **changes) -> Draw:
        state = queries.party_state(draw, clock.now())
        publics = {one["index"]: canonical.unb64(one["enc_public"]) for one in state["parties"]}
        wrapped = self.contribution.wrapped(queries.context_of(draw), publics)
        body = {
            "points": [canonical.b64(one) for one in self.contribution.points],
            "shares": {str(index): blob for index, blob in wrapped.items()},
        }
        return self.send(draw, clock, phase="points", **body | changes)

    def held(self, draw: Draw, sender: int) -> int:
        row = draw.contributions.get(party=sender)
        points = [canonical.unb64(one) for one in row.points["points"]]
        return drawing.receive_share(
            queries.context_of(draw),
            sender,
            self.index,
            points,
            row.points["shares"][str(self.index)],
            self.enc_private,
        )

    def acknowledge(self, draw: Draw, clock, refused=()) -> Draw:
        others = [index for index in (1, 2, 3) if index != self.index]
        accepted = [index for index in others if index not in refused and self.held(draw, index)]
        return self.send(draw, clock, phase="acknowledge", accepted=accepted, refused=list(refused))

    def reveal(self, draw: Draw, clock, number: int | None = None) -> Draw:
        return self.send(draw, clock, phase="reveal", r=text_of(number or self.contribution.r))

    def rebuild(self, draw: Draw, clock) -> Draw:
        missing = queries.missing(draw)
        return self.send(
            draw, clock, phase="rebuild", shares={str(index): text_of(self.held(draw, index)) for index in missing}
        )


@dataclass
class Table:
    """The three parties around a draw."""

    scene: Scene
    parties: list[Party]

    def order(self, **changes) -> Draw:
        offers = self.scene.lot.venue_orders.get(state="confirmed").offers
        asked = {
            "quotas": [
                ordering.Quota(offers.get(is_main=True), "A0801", 3),
                ordering.Quota(offers.get(is_main=False), "A0801", 2),
            ],
            "avoid": [],
            "reason": "",
            "actor": self.parties[2].actor,
            "clock": self.scene.clock,
        }
        return ordering.order_draw(self.scene.lot, **asked | changes)

    def approved(self) -> Draw:
        return ordering.approve_draw(self.order(), actor=self.parties[1].actor, clock=self.scene.clock)

    def committed(self) -> Draw:
        draw = self.approved()
        for party in self.parties:
            party.commit(draw, self.scene.clock)
        sequence_all()
        return draw

    def shared(self) -> Draw:
        draw = self.committed()
        for act in ("points", "acknowledge"):
            for party in self.parties:
                getattr(party, act)(draw, self.scene.clock)
        return draw

    def drawn(self) -> Draw:
        draw = self.shared()
        for party in self.parties:
            party.reveal(draw, self.scene.clock)
        return draw

    def complete(self) -> Draw:
        draw = self.drawn()
        for pick in draw.picks.filter(state="invited"):
            seating.accept_invitation(pick, actor=expert_actor(draw, pick), clock=self.scene.clock)
        draw.refresh_from_db()
        return draw


def row_of(published: dict) -> Row:
    """Return a published row as the rules take it."""
    said = published["attributes"]
    return Row(
        published["pid"], tuple(said["specialties"]), said["city"], said["employer"], tuple(said["past"]),
        said["is_in_pool"], said["busy"],
    )


def text_of(number: int) -> str:
    return canonical.b64(number.to_bytes(32, "big"))


def sequence_all() -> None:
    while sequencer.step():
        pass


def expert_of(draw: Draw, pick: Pick) -> Expert:
    return Expert.objects.get(pk=pseudonyms.resolve(draw, {pick.pid})[pick.pid])


def expert_actor(draw: Draw, pick: Pick) -> Actor:
    return Actor(str(expert_of(draw, pick).person_id), "expert")


@pytest.fixture
def pool(scene) -> list[Expert]:
    """110 experts of A080101: 66 in 济南, 44 in 青岛, each employer with several; 10 of another specialty."""
    for code, name, parent in (
        ("A08", "工程施工", None), ("A0801", "房屋建筑工程施工", "A08"), ("A080101", "土建施工", "A0801"),
        ("A06", "工程造价", None),
    ):
        Specialty.objects.create(code=code, name=name, parent_id=parent)
    people = Person.objects.bulk_create(
        [Person(name=f"专家{number}", phone=f"139{number:08d}", registered_at=NOW) for number in range(120)]
    )
    experts = Expert.objects.bulk_create([
        Expert(
            person=person, citizen_id="x", region="370102" if number % 5 < 3 else "370202",
            employer_uscc=f"91370100EMP{number % EMPLOYERS:06d}X", employer_name="某单位", title="高级工程师", years=10,
            entered_at=NOW,
        )
        for number, person in enumerate(people)
    ])
    Practice.objects.bulk_create([
        Practice(expert=expert, specialty_id="A080101" if number < 110 else "A06", is_main=True)
        for number, expert in enumerate(experts)
    ])
    return experts


@pytest.fixture
def table(scene, pool, authority) -> Table:
    """Confirmed venues, a pool, and a person with both certificates for each party."""
    scene.confirmed()
    parties = [
        party(index, actor, authority) for index, actor in enumerate((scene.jinan, scene.supervisor, scene.agency), 1)
    ]
    return Table(scene, parties)


def party(index: int, actor: Actor, authority) -> Party:
    held = {usage: authority.issue(name=f"经办{index}", usage=usage) for usage in ("sign", "enc")}
    rows = {usage: authority.row(one) for usage, one in held.items()}
    person = register_person(f"经办{index}", "13700000000", rows["sign"], now=NOW)
    bind_certificate(person, rows["enc"], now=NOW)
    return Party(
        index, replace(actor, id=str(person.pk)), rows["sign"], held["sign"].private, held["enc"].private
    )
