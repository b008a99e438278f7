"""Loads the demonstration province once: one transaction, one entry in the log (演示省装载)."""

import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from gongheng.crypto import canonical, certs, labels
from gongheng.kernel.calendar import day_of
from gongheng.kernel.numbers import make_citizen_id
from gongheng.kernel.regions import cities, counties, region
from gongheng.kernel.roles import ROLE_NAMES, Actor, Role
from gongheng.people.experts.models import Expert, PastEmployment, Practice, Specialty
from gongheng.people.identity.models import Binding, Person
from gongheng.people.parties.lifecycle import State
from gongheng.people.parties.models import Membership, Organisation
from gongheng.places.venues.models import Centre, FeeRule, Room, RoomKind, Seat
from gongheng.trust.certificates.actions import row_of
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.evidence.moving import note, subject_of
from gongheng.trust.evidence.recording import record
from tools.demonstration import cabinet, names, organisations, specialties
from tools.demonstration.authority import Authority

EXPERTS = 3_000
_BATCH = 1_000
#: Every centre's rooms: enough mixed ones that experts of one lot need not meet, and two for one lot at a time.
_ROOMS = ((RoomKind.MIXED, 4),) * 8 + ((RoomKind.SINGLE, 7),) * 2
OPERATOR = Actor("demonstration", Role.PUBLIC)
_TITLES = (("高级工程师", 70), ("正高级工程师", 20), ("副教授", 6), ("教授", 4))


def load(var: Path, settings, *, experts: int = EXPERTS) -> bool:
    """Load the province unless it is there; say whether anything was done."""
    if cabinet.holders(var / "cabinet") and Centre.objects.exists():
        return False
    with note("province.loaded", "province:demonstration", actor=OPERATOR, clock=settings.CLOCK) as step:
        loading = _Loading(var / "cabinet", step.now)
        loading.authority.install_root(var / "ca")
        loading.load_organisations(settings.OPERATOR_USCC)
        loading.load_specialties()
        loading.load_experts(experts)
        loading.save_people()
        # Before the commit: were it lost after it, everybody would stand without his certificate.
        cabinet.write_index(var / "cabinet", loading.holders)
        index = (var / "cabinet" / "index.json").read_bytes()
        step.facts |= {
            "organisations": loading.organisation_count, "people": len(loading.people), "experts": experts,
            "digest": canonical.b64(labels.digest(labels.FILE, index)),
        }
    return True


class _Loading:
    """What is gathered while loading; ids come from a fixed random, keys from the cabinet's seed."""

    def __init__(self, folder: Path, now: datetime):
        self.random = Random("gongheng demonstration province 1")
        self.now = now
        self.authority = Authority(cabinet.open_seed(folder), now)
        self.root = certs.parse(self.authority.root())
        self.people: list[Person] = []
        self.certificates: list[Certificate] = []
        self.bindings: list[Binding] = []
        self.memberships: list[Membership] = []
        self.holders: list[cabinet.Holder] = []
        self.traders: list[organisations.Row] = []
        self.experts: list[Expert] = []
        self.practices: list[Practice] = []
        self.past: list[PastEmployment] = []
        self.organisation_count = 0

    def new_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def load_organisations(self, operator: str) -> None:
        centres, bodies = organisations.centres(operator), organisations.public_bodies()
        self.traders = organisations.traders()
        rows = [*centres, *bodies, *self.traders]
        made = {row.uscc: self._organisation(row) for row in rows}
        Organisation.objects.bulk_create([made[row.uscc] for row in rows if row.is_registered])
        self.organisation_count = sum(row.is_registered for row in rows)
        # The log must tell how every state came about, that of loaded data too: log_fsck replays it.
        for row in rows:
            if row.is_registered:
                record(
                    "organisation.accept", subject_of(made[row.uscc]), lot=None, actor=OPERATOR, at=self.now,
                    facts={"demonstration": True},
                )
        for row in rows:
            self._staff(row, made[row.uscc])
        self._load_centres([(row, made[row.uscc]) for row in centres])

    def _organisation(self, row: organisations.Row) -> Organisation:
        return Organisation(
            pk=self.new_id(), uscc=row.uscc, name=row.name, region=row.region, roles=[str(role) for role in row.roles],
            legal_representative=names.person_name(self.random), address=row.address,
            contact=names.person_name(self.random), phone=names.mobile(self.random), registered_at=self.now,
            state=State.ACTIVE,
        )

    def _staff(self, row: organisations.Row, organisation: Organisation) -> None:
        roles = [role for role in row.roles if role != Role.TRUSTEE]
        for post in row.people:
            self._employ(row, organisation, roles, names.person_name(self.random), post)
        if Role.TRUSTEE in row.roles:
            self._employ(row, organisation, [Role.TRUSTEE], "密钥受托服务", "程序账号")

    def _employ(self, row, organisation: Organisation, roles: list[Role], name: str, post: str) -> None:
        subject = certs.Subject(name, row.name, row.uscc, "山东省")
        person = Person(pk=self.new_id(), name=name, phone=names.mobile(self.random), registered_at=self.now)
        sign, enc = self._certificates(person, subject)
        if row.is_registered:
            self._bind(person, sign, enc)
            self.memberships += [
                Membership(person=person, organisation=organisation, role=str(role), since=self.now) for role in roles
            ]
        unknown = {} if row.is_registered else {
            "certificate_sign": canonical.b64(sign), "certificate_enc": canonical.b64(enc)
        }
        self.holders.append(cabinet.Holder(
            id=str(person.pk), name=name, organisation=row.name, uscc=row.uscc,
            role=str(roles[0]) if row.is_registered else "applicant",
            role_names="、".join(ROLE_NAMES[role] for role in roles) if row.is_registered else "未登记单位",
            hint=f"{post} · {region(row.region).full_name}", phone=person.phone, **unknown,
        ))

    def _certificates(self, person: Person, subject: certs.Subject) -> tuple[bytes, bytes]:
        return tuple(self.authority.issue(str(person.pk), usage, subject) for usage in ("sign", "enc"))

    def _bind(self, person: Person, *certificates: bytes) -> None:
        self.people.append(person)
        for der in certificates:
            row = row_of(certs.parse(der), self.root)
            self.certificates.append(row)
            self.bindings.append(Binding(person=person, certificate=row, bound_at=self.now))

    def _load_centres(self, pairs: list) -> None:
        centres, fees, rooms, seats = [], [], [], []
        for row, organisation in pairs:
            centre = Centre(
                pk=self.new_id(), organisation=organisation, region=row.region, address=row.address,
                short_name=row.name.replace("公共资源交易", ""), phone=f"0531-{self.random.randrange(10**7, 10**8)}",
            )
            centres.append(centre)
            fees.append(FeeRule(
                pk=self.new_id(), centre=centre, valid_from=day_of(self.now),
                per_hour=self.random.choice((100, 120, 150)),
                remote_allowance=self.random.choice((200, 300)), overtime_per_hour=180, overtime_after=8,
            ))
            for number, (kind, count) in enumerate(_ROOMS, 1):
                room = Room(
                    pk=self.new_id(), centre=centre, name=f"第{number:02d}评标室", floor=f"{2 + number // 4}层",
                    kind=kind, camera_count=2,
                )
                rooms.append(room)
                seats += [Seat(pk=self.new_id(), room=room, number=f"{seat:02d}") for seat in range(1, count + 1)]
        Centre.objects.bulk_create(centres)
        FeeRule.objects.bulk_create(fees)
        Room.objects.bulk_create(rooms)
        Seat.objects.bulk_create(seats)

    def load_specialties(self) -> None:
        # Shortest codes first: a parent must be there before its children.
        Specialty.objects.bulk_create([
            Specialty(code=code, name=name, parent_id=specialties.parent_of(code))
            for code, name in sorted(specialties.ROWS.items(), key=lambda row: len(row[0]))
        ])

    def load_experts(self, count: int) -> None:
        """Experts of whom a part works, or worked, for tenderers and bidders, so that avoidance bites."""
        traders = [(row.name, row.uscc) for row in self.traders]
        employers = organisations.institutes()
        places = [one.code for city in cities() for one in counties(city.code)]
        for _ in range(count):
            name = names.person_name(self.random)
            person = Person(pk=self.new_id(), name=name, phone=names.mobile(self.random), registered_at=self.now)
            self._bind(person, *self._certificates(person, certs.Subject(name, "", None, "山东省")))
            place = self.random.choice(places)
            employer = self.random.choice(traders if self.random.random() < 0.2 else employers)
            expert = self._expert(person, place, employer)
            self.experts.append(expert)
            main = self._practise(expert)
            if self.random.random() < 0.15:
                ended_on = self.now.date() - timedelta(days=self.random.randint(60, 5 * 365))
                former = self.random.choice(traders)[1]
                self.past.append(PastEmployment(expert=expert, employer_uscc=former, ended_on=ended_on))
            self.holders.append(cabinet.Holder(
                id=str(person.pk), name=name, organisation="评标专家", uscc="", role=str(Role.EXPERT),
                role_names=ROLE_NAMES[Role.EXPERT], hint=f"{main} · {region(place).full_name}", phone=person.phone,
            ))

    def _expert(self, person: Person, place: str, employer: tuple[str, str]) -> Expert:
        years = self.random.randint(8, 32)
        born = date(self.now.year - 24 - years, self.random.randint(1, 12), self.random.randint(1, 28))
        return Expert(
            pk=self.new_id(), person=person, region=place, employer_name=employer[0], employer_uscc=employer[1],
            citizen_id=make_citizen_id(place, born, self.random.randint(1, 999)), years=years,
            title=self.random.choices([one for one, _ in _TITLES], [weight for _, weight in _TITLES])[0],
            entered_at=self.now,
        )

    def _practise(self, expert: Expert) -> str:
        """Give an expert a main specialty and up to two further ones; return the main one's words."""
        main = self.random.choices(list(specialties.MAIN), list(specialties.MAIN.values()))[0]
        sampled = self.random.sample(list(specialties.MAIN), self.random.randint(0, 2))
        # Further specialties of the same family only: a cost engineer does not judge surveys.
        further = {code for code in sampled if code[:3] == main[:3]}
        self.practices += [
            Practice(expert=expert, specialty_id=code, is_main=code == main) for code in sorted(further | {main})
        ]
        return f"{main} {specialties.ROWS[main]}"

    def save_people(self) -> None:
        Person.objects.bulk_create(self.people, _BATCH)
        Certificate.objects.bulk_create(self.certificates, _BATCH)
        Binding.objects.bulk_create(self.bindings, _BATCH)
        Membership.objects.bulk_create(self.memberships, _BATCH)
        Expert.objects.bulk_create(self.experts, _BATCH)
        Practice.objects.bulk_create(self.practices, _BATCH)
        PastEmployment.objects.bulk_create(self.past, _BATCH)
        for expert in self.experts:
            record(
                "expert.admit", subject_of(expert), lot=None, actor=OPERATOR, at=self.now, facts={"demonstration": True}
            )


def sign_in_guide(var: Path, origin: str) -> list[str]:
    """Return one line per role that says how to sign in as somebody of it."""
    lines = [f"登录方法：打开 {origin}/sign-in/，在演示证书柜中搜索姓名或单位，口令 {cabinet.PIN}。"]
    for role in ("tenderer", "agency", "bidder", "expert", "centre", "supervisor", "notary", "applicant"):
        found = cabinet.search(var / "cabinet", role=role, most=1)
        if found:
            one = found[0]
            where = f"{origin}/sign-in/?who={one.id}"
            lines.append(f"  {one.role_names}：{one.name}（{one.organisation}，{one.hint}） {where}")
    return [*lines, f"全部演示人员与演示时钟：{origin}/demonstration/"]
