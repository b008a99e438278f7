"""The record of a draw as a document (抽取记录): pseudonyms only."""

from datetime import datetime

from gongheng.crypto import canonical
from gongheng.kernel.calendar import in_words
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.trading.draws import queries, rules
from gongheng.trading.draws.lifecycle import PickState
from gongheng.trading.draws.models import Draw
from gongheng.trading.notices.printing import common
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.documents.models import Document
from gongheng.trust.signatures.queries import signatures_on

ALGORITHM = "三方随机数联合种子；HMAC-SM3 计数器发生器；整层不放回抽取（整数运算）"
PASSED_OVER = (PickState.SKIPPED, PickState.REFUSED, PickState.EXPIRED, PickState.AVOIDED, PickState.LOST)


def draw_record(draw: Draw, now: datetime) -> Document:
    """Issue the record of a completed draw; it is not public before the award."""
    title = f"评标专家抽取记录（第{draw.attempt}次）"
    return issue_document(
        "draw_record", title, "draw_record", data(draw, now), lot=draw.lot_id, is_public=False, now=now
    )


def data(draw: Draw, now: datetime) -> dict:
    """Return the record's data, shape DrawRecord."""
    strata = {one["name"]: one for one in draw.order["strata"]}
    picks = list(draw.picks.select_related("centre").order_by("stratum", "rank"))
    seated = [one for one in picks if one.state == PickState.ACCEPTED]
    bits = rules.check_guess_bound([(draw.eligible[name][0], one["seats"]) for name, one in strata.items()])
    names = {one["index"]: one["name"] for one in draw.order["parties"]}
    return common(draw.lot, now) | {
        "red_head": "", "document_number": "",
        "attempt": str(draw.attempt), "drawn_at": in_words(draw.drawn_at), "pool_count": _counts(draw, strata),
        "pool_root": draw.pool_root, "order_digest": draw.order_digest, "seed": canonical.b64(bytes(draw.seed)),
        "algorithm": ALGORITHM, "guess_bound": f"不少于 2 的 {bits} 次方种",
        "conditions": _conditions(draw, strata),
        "contributions": [
            {
                "party": names[one.party], "commitment": one.commit, "at": _minute(one.committed_at),
                "revealed": "由他方重建" if one.is_rebuilt else "已揭示",
            }
            for one in draw.contributions.all()
        ],
        "seats": [
            {
                "seat": str(number), "stratum": _specialty(strata[one.stratum]), "venue": one.centre.short_name,
                "pid": one.pid, "order": str(one.rank),
            }
            for number, one in enumerate(seated, 1)
        ],
        "skips": [
            {"pid": one.pid, "stratum": _specialty(strata[one.stratum]), "order": str(one.rank), "cause": one.cause}
            for one in picks if one.state in PASSED_OVER
        ],
        "signatures": [_signed(draw, one) for one in signatures_on(f"draw:{draw.pk}")],
    }


def _conditions(draw: Draw, strata: dict) -> list[str]:
    lines = [
        f"{one['venue_name']}：{_specialty(one)} {one['seats']} 人，"
        + ("常住地为会场所在城市" if one["lives_in"] else "常住地不在副场所在城市")
        for one in strata.values()
    ]
    avoided = "、".join(
        f"{one['name'] or one['uscc']}（{rules.AVOIDANCE_REASONS[one['reason']]}）" for one in draw.order["avoid"]
    )
    return [
        *lines, f"回避单位：{avoided}；近三年曾在上述单位任职的、在其关联企业任职的一并回避。",
        *_kept_out(draw), "同一工作单位只取一人，按抽取顺序递补。",
    ]


def _kept_out(draw: Draw) -> list[str]:
    told: dict[str, list[str]] = {}
    for one in queries.kept_out(draw):
        told.setdefault(one["stratum"], []).append(f"{one['ground']} {one['count']} 人")
    return [f"{stratum} 未列入抽取：{'，'.join(parts)}" for stratum, parts in told.items()]


def _counts(draw: Draw, strata: dict) -> str:
    parts = "，".join(f"{_specialty(strata[name])} {count} 人" for name, (count, _) in draw.eligible.items())
    return f"全库 {draw.pool_count} 人；符合条件：{parts}"


def _specialty(stratum: dict) -> str:
    return f"{stratum['specialty']} {stratum['specialty_name']}"


def _signed(draw: Draw, signature) -> dict:
    role = canonical.decode(bytes(signature.act))["verb"]
    title = {"draws.order": "申请人", "draws.approve": ROLE_NAMES[Role.SUPERVISOR]}.get(role, "参与方")
    return {
        "role": title, "name": signature.certificate.subject_name, "serial": signature.certificate.serial,
        "at": _minute(signature.signed_at),
    }


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
