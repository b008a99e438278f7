"""Who acts: the closed list of roles and the actor that every action receives (角色与行为人)."""

import enum
from dataclasses import dataclass
from typing import Any


class Role(enum.StrEnum):
    """Roles of domain.md 9.1 that this release knows; a person acts in one role at a time."""

    PUBLIC = "public"
    TENDERER = "tenderer"
    AGENCY = "agency"
    BIDDER = "bidder"
    EXPERT = "expert"
    CENTRE = "centre"
    SUPERVISOR = "supervisor"
    NOTARY = "notary"
    CLOCK = "clock"  # the tick process: moves that fall due by law, nobody's decision
    TRUSTEE = "trustee"  # machine accounts of the holders of fall-back shares


ROLE_NAMES = {
    Role.PUBLIC: "公众",
    Role.TENDERER: "招标人",
    Role.AGENCY: "招标代理机构",
    Role.BIDDER: "投标人",
    Role.EXPERT: "评标专家",
    Role.CENTRE: "交易中心",
    Role.SUPERVISOR: "行政监督部门",
    Role.NOTARY: "公证机构",
    Role.CLOCK: "法定时钟",
    Role.TRUSTEE: "密钥受托人",
}


@dataclass(frozen=True)
class Actor:
    """A person in a role; ``id`` is the pseudonymous person id that evidence entries carry."""

    id: str
    role: Role
    organisation: str | None = None  # uuid of the organisation acted for
    name: str = ""  # for pages and documents, never for evidence facts
    act: Any = None  # the signed act (trust/signatures) under which this request acts, if any


ANYONE = Actor("anyone", Role.PUBLIC)
THE_CLOCK = Actor("clock", Role.CLOCK)
