"""Money and people (资金与人员): payers, insurers, owners, managers and sub-contractors that rivals have in common."""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from gongheng.screening.findings import Fact, Finding, Indicator, Said, Unknown
from gongheng.screening.relations.entities import core_name, entity, place
from gongheng.screening.relations.indicators import (
    ACCOUNT,
    HEAD,
    INDICATORS,
    INSURED,
    LIKE_NAME,
    MANAGER,
    OWNER,
    PAID,
    PLACE,
    POLICY,
    SUCCESSIVE,
)

__all__ = ["INDICATORS", "Holding", "Payment", "Policy", "Profile", "Transfer", "entity", "findings"]

#: Starting likelihood ratios (design, 4.2).
LR = {
    ACCOUNT: 300, SUCCESSIVE: 10, POLICY: 30, HEAD: 100, OWNER: 100, PLACE: 30, MANAGER: 100, INSURED: 30, PAID: 50,
    LIKE_NAME: 1,
}
#: A fuzzy link never raises an index: logarithm of the ratio 1.
CONTROL = 0.5
SUCCESSIVE_WITHIN = 10
POLICY_WITHIN = timedelta(minutes=10)
LIKE = 90  # of 100, on the distinguishing part of the names
#: More firms than this at one registered address or telephone: an incubator or an agent.
CROWDED = 5


@dataclass(frozen=True)
class Payment:
    """One payment of a bidder for this tender; unknown parts are ""."""

    firm: str
    purpose: str  # 投标保证金, 保函费用, 文件费
    account: str
    branch: str
    handler: str
    source: str


@dataclass(frozen=True)
class Policy:
    """One guarantee or policy: who handled it, when, from where."""

    firm: str
    handler: str
    address: str
    issued_at: datetime
    source: str


@dataclass(frozen=True)
class Profile:
    """What registers and the bid say of a bidder; persons are identified by a (hashed) number, never by name."""

    firm: str
    name: str = ""
    head: str = ""
    address: str = ""
    telephone: str = ""
    managers: tuple[str, ...] = ()
    insured_by: tuple[tuple[str, str], ...] = ()  # (manager, firm that insures him)
    source: str = "企业登记"


@dataclass(frozen=True)
class Holding:
    """A share of a firm that a person or firm holds."""

    owner: str
    firm: str
    share: float
    source: str = "股权登记"


@dataclass(frozen=True)
class Transfer:
    """A winner's sub-contract with, or payment to, another firm."""

    payer: str
    receiver: str
    kind: str  # 分包, 付款, 开票
    source: str


def findings(
    firms: Collection[str], *, payments: Sequence[Payment] | None = None, policies: Sequence[Policy] | None = None,
    profiles: Sequence[Profile] | None = None, holdings: Sequence[Holding] | None = None,
    transfers: Sequence[Transfer] | None = None, clearing: Collection[str] = (),
    crowded: Mapping[str, int] | None = None,
    public_owners: Collection[str] = (),
) -> Said:
    """What money and people say of the bidders ``firms``; None means that the source was not there.

    ``clearing``: accounts of guarantors and banks from which many pay; ``crowded``: how many firms are registered at
    an address or telephone (see ``entities.place``); ``public_owners``: bodies that hold shares for the State.
    """
    same = {entity(firm): firm for firm in sorted(firms)}  # one key per organisation; the last code is shown
    found: list[Finding] = []
    unknown: list[Unknown] = []
    for given, run, indicators, missing in (
        (payments, lambda: _payments(payments or (), same, set(clearing)), (ACCOUNT, SUCCESSIVE), "没有付款账户记录。"),
        (policies, lambda: _policies(policies or (), same), (POLICY,), "没有保函办理记录。"),
        (profiles, lambda: _profiles(profiles or (), same, crowded or {}), (HEAD, PLACE, MANAGER, INSURED, LIKE_NAME),
         "没有企业登记与人员信息。"),
        (
            holdings, lambda: _holdings(holdings or (), same, set(map(entity, public_owners))), (OWNER,),
            "没有股权信息。",
        ),
        (transfers, lambda: _transfers(transfers or (), same), (PAID,), "没有分包、付款或发票记录。"),
    ):
        if given is None:
            unknown += [Unknown(one.code, missing) for one in indicators]
        else:
            found += run()
    if payments is not None and len({entity(one.firm) for one in payments if one.account} & set(same)) < 2:
        unknown.append(Unknown(ACCOUNT.code, "有付款账户的投标人不足两家。"))
    return Said(tuple(found), tuple(unknown))


def _groups(rows: Sequence[tuple[str, str, Fact]], same: Mapping[str, str]) -> list[tuple[tuple[str, ...], list[Fact]]]:
    """Values that two or more of the bidders share: (value, firm, fact) → (parties, facts)."""
    held: dict[str, dict[str, Fact]] = defaultdict(dict)
    for value, firm, fact in sorted(rows, key=lambda row: (row[0], row[1], row[2].source, row[2].label)):
        if value and entity(firm) in same:
            held[value].setdefault(entity(firm), fact)
    merged: dict[tuple[str, ...], list[Fact]] = {}
    for _, firms in sorted(held.items()):
        if len(firms) > 1:
            merged.setdefault(tuple(sorted(same[key] for key in firms)), []).extend(firms.values())
    return sorted(merged.items())


def _payments(payments: Sequence[Payment], same: Mapping[str, str], clearing: set[str]) -> list[Finding]:
    rows, accounts = [], []
    for one in payments:
        account = re.sub(r"\W", "", one.account)
        if account and account not in clearing:
            rows.append((account, one.firm, Fact(one.firm, f"{one.purpose}付款账户", _masked(account), one.source)))
            accounts.append((one, account))
    found = [_finding(ACCOUNT, parties, facts) for parties, facts in _groups(rows, same)]
    near: dict[tuple[str, ...], list[Fact]] = {}
    for (one, first), (other, second) in combinations(accounts, 2):
        keys = {entity(one.firm), entity(other.firm)}
        if len(keys & set(same)) == 2 and _are_successive(one, first, other, second):
            facts = [
                Fact(row.firm, "付款账户／支行／经办人", f"{_masked(account)}／{row.branch}／{row.handler}", row.source)
                for row, account in ((one, first), (other, second))
            ]
            near.setdefault(tuple(sorted(same[key] for key in keys)), []).extend(facts)
    return found + [_finding(SUCCESSIVE, parties, facts) for parties, facts in sorted(near.items())]


def _are_successive(one: Payment, first: str, other: Payment, second: str) -> bool:
    is_same_desk = one.branch and one.branch == other.branch and one.handler and one.handler == other.handler
    is_comparable = first.isdigit() and second.isdigit() and len(first) == len(second)
    return bool(is_same_desk and is_comparable and 0 < abs(int(first) - int(second)) <= SUCCESSIVE_WITHIN)


def _policies(policies: Sequence[Policy], same: Mapping[str, str]) -> list[Finding]:
    near: dict[tuple[str, ...], list[Fact]] = {}
    ordered = sorted(policies, key=lambda one: (one.issued_at, one.firm))
    for one, other in combinations(ordered, 2):
        keys = {entity(one.firm), entity(other.firm)}
        is_one_desk = one.handler and one.handler == other.handler and one.address and one.address == other.address
        if len(keys & set(same)) == 2 and is_one_desk and other.issued_at - one.issued_at <= POLICY_WITHIN:
            facts = [Fact(row.firm, "保函办理时间", row.issued_at.isoformat(), row.source) for row in (one, other)]
            near.setdefault(tuple(sorted(same[key] for key in keys)), []).extend(facts)
    return [_finding(POLICY, parties, facts) for parties, facts in sorted(near.items())]


def _profiles(profiles: Sequence[Profile], same: Mapping[str, str], crowded: Mapping[str, int]) -> list[Finding]:
    profiles = [one for one in profiles if entity(one.firm) in same]
    found = []
    rows = [(one.head, one.firm, Fact(one.firm, "单位负责人", _masked(one.head), one.source)) for one in profiles]
    found += [_finding(HEAD, parties, facts) for parties, facts in _groups(rows, same)]
    rows = []
    for one in profiles:
        for label, value, shown in (
            ("登记地址", place(one.address), one.address),
            ("登记电话", re.sub(r"\D", "", one.telephone), one.telephone),
        ):
            if crowded.get(value, 0) <= CROWDED:
                rows.append((value, one.firm, Fact(one.firm, label, shown, one.source)))
    found += [_finding(PLACE, parties, facts) for parties, facts in _groups(rows, same)]
    rows = [
        (person, one.firm, Fact(one.firm, "项目管理成员", _masked(person), "投标文件"))
        for one in profiles for person in one.managers
    ]
    found += [_finding(MANAGER, parties, facts) for parties, facts in _groups(rows, same)]
    for one in profiles:
        for person, insurer in one.insured_by:
            if entity(insurer) in same and entity(insurer) != entity(one.firm):
                fact = Fact(one.firm, "项目负责人社保缴纳单位", same[entity(insurer)], "社会保险记录")
                parties = tuple(sorted((same[entity(one.firm)], same[entity(insurer)])))
                found.append(
                    _finding(INSURED, parties, [fact, Fact(one.firm, "项目负责人", _masked(person), "投标文件")]),
                )
    return found + _like_names(profiles, same)


def _like_names(profiles: Sequence[Profile], same: Mapping[str, str]) -> list[Finding]:
    from rapidfuzz import fuzz

    found = []
    for one, other in combinations(sorted(profiles, key=lambda one: one.firm), 2):
        cores = core_name(one.name), core_name(other.name)
        if entity(one.firm) != entity(other.firm) and min(map(len, cores)) >= 3 and fuzz.ratio(*cores) >= LIKE:
            facts = [Fact(row.firm, "企业名称", row.name, row.source) for row in (one, other)]
            found.append(_finding(LIKE_NAME, tuple(sorted((same[entity(one.firm)], same[entity(other.firm)]))), facts))
    return found


def _holdings(holdings: Sequence[Holding], same: Mapping[str, str], public: set[str]) -> list[Finding]:
    """Control runs upwards through majority holdings; a bidder is linked to every owner it leads to."""
    above: dict[str, list[Holding]] = defaultdict(list)
    for one in sorted(holdings, key=lambda one: (one.firm, one.owner)):
        if one.share >= CONTROL:
            above[entity(one.firm)].append(one)
    rows = []
    for key, firm in sorted(same.items()):
        chain, waiting, seen = [], [key], {key}
        while waiting:
            for one in above[waiting.pop()]:
                owner = entity(one.owner)
                if owner not in seen | public:
                    seen.add(owner)
                    chain.append(one)
                    waiting.append(owner)
        for one in chain:
            shown = f"持有{same.get(entity(one.firm), one.firm)} {one.share:.0%}"
            # A controlled bidder and its bidding parent meet at the parent's own key.
            rows.append((entity(one.owner), firm, Fact(firm, "控股股东", shown, one.source)))
        rows.append((key, firm, Fact(firm, "投标人本身", firm, "投标名单")))
    return [_finding(OWNER, parties, facts) for parties, facts in _groups(rows, same)]


def _transfers(transfers: Sequence[Transfer], same: Mapping[str, str]) -> list[Finding]:
    merged: dict[tuple[str, ...], list[Fact]] = {}
    for one in sorted(transfers, key=lambda one: (one.payer, one.receiver, one.kind, one.source)):
        keys = {entity(one.payer), entity(one.receiver)}
        if len(keys & set(same)) == 2:
            parties = tuple(sorted(same[key] for key in keys))
            fact = Fact(one.payer, one.kind, f"对方：{same[entity(one.receiver)]}", one.source)
            merged.setdefault(parties, []).append(fact)
    return [_finding(PAID, parties, facts) for parties, facts in sorted(merged.items())]


def _masked(value: str) -> str:
    """Enough to compare side by side: accounts and persons are looked up at the source, not here."""
    return value if len(value) <= 8 else f"{value[:4]}…{value[-4:]}"


def _finding(indicator: Indicator, parties: tuple[str, ...], facts: Sequence[Fact]) -> Finding:
    return Finding(
        indicator.code, parties, float(len(facts)), round(math.log(LR[indicator]), 6), tuple(facts),
    )
