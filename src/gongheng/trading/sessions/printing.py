"""The papers of a session: what was decided about an incident, what an expert attended and earned (公文)."""

from datetime import datetime
from decimal import Decimal

from gongheng.crypto import canonical
from gongheng.kernel.calendar import in_words
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.money import capitals, formatted
from gongheng.kernel.roles import ROLE_NAMES, Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.trading.notices.printing import common
from gongheng.trading.sessions.lifecycle import FeeState
from gongheng.trading.sessions.models import Fee, Incident, Session
from gongheng.trading.sessions.queries import PAPER
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.documents.models import Document
from gongheng.trust.documents.shapes.evaluating import Attendance, FeeStatement, IncidentDecision
from gongheng.trust.documents.typesetting import render

_ARTICLE_48 = (
    "《中华人民共和国招标投标法实施条例》第四十八条：被更换的评标委员会成员作出的评审结论无效，"
    "由更换后的评标委员会成员重新进行评审。"
)
_MOVE_BASIS = (
    "席位设备故障不能及时恢复的，由会场在本场符合回避和同标不见面要求的空闲席位中随机抽取席位，继续评标。"
)
#: What is decided, on what it rests and what follows, by the move that ends an incident.
DECISIONS = {
    "resume": ("恢复评标", "评标期间的故障在4小时内排除的，恢复评标；评标开始前的故障排除后，按原计划评标。", [
        "各席位自暂停前已保存的内容继续评审；签署期限按暂停时间顺延。",
    ]),
    "postpone": ("评标延期", "开始前的故障超过2小时未排除的，由招标人决定是否延期；评标期间超过4小时未排除的，延期。", [
        "已录入的评审数据封存，其摘要记入存证日志，任何人不得查阅、使用。",
        "评标委员会解散，席位释放；重新预约场地、重新抽取专家，从零开始评标。",
    ]),
    "abort": ("评标中止", "行政监督部门依法对评标活动实施监督，可以责令中止评标。", [
        "已录入的评审数据封存，其摘要记入存证日志，任何人不得查阅、使用。",
        "评标委员会解散，席位释放；标段保持暂停，直至监督部门解除。",
    ]),
    "move": ("调整席位", _MOVE_BASIS, [
        "已保存的评审内容保留，专家在新席位登录后继续评审；新席位只告知专家本人和门禁。",
        "原席位释放并报修，修复前不再分配。",
    ]),
    "replace": ("更换评委，重新组成评标委员会", _ARTICLE_48, [
        "被更换评委已作出的评审意见作废并封存，其摘要记入存证日志。",
        "系统按抽取名单顺延通知下一位专家；其他评委已保存的个人意见保留，共同结论重新作出。",
    ]),
}
NOTES = [
    "计时自席位签到至签署评标报告，不足半小时按半小时计；专家所在库与会场标准不一致的，就高不就低。",
    "评标委员会名单在中标结果确定前保密，本说明不载明项目名称；所列金额为税前金额。",
    "本说明由专家本人在平台出具；签到、会场确认和支付的各步骤已记入平台存证日志，金额可向主场交易中心核对。",
]


def issue_decision(incident: Incident, move: str, actor: Actor, now: datetime) -> Document:
    """Issue the paper of the decision that ends an incident; the caller notes its digest."""
    place, cause = incident.centre.short_name, incident.get_cause_display()
    course = [(incident.reported_at, f"登记突发情况：{cause}", f"{place}会场登记")]
    if incident.degraded_at:
        course.append((incident.degraded_at, "降级运行", "独立评审，不讨论"))
    if incident.paused_at:
        course.append((incident.paused_at, "暂停评标", "计时停止，已录入内容保存"))
    course.append((now, DECISIONS[move][0], "见下"))
    return _issue(
        incident.session, move, actor, now, place=place, cause=cause, description=incident.description,
        decision=incident.decision, course=course,
    )


def issue_replacement(
    session: Session, label: str, venue: str, cause: str, reason: str, actor: Actor, now: datetime
) -> Document:
    """Issue the paper of the decision to replace a member, who is named by number only."""
    return _issue(
        session, "replace", actor, now, place=venue, cause=cause, description=f"{label}不能继续履职：{reason}",
        decision=f"更换{label}，由系统按抽取名单顺延补充一名专家。",
        course=[(now, f"更换{label}", "其评审意见作废并封存")],
    )


def issue_move(session: Session, label: str, venue: str, reason: str, actor: Actor, now: datetime) -> Document:
    """Issue the paper of the decision to give an expert another seat; which seats stands nowhere in it."""
    return _issue(
        session, "move", actor, now, place=venue, cause="设备故障", description=f"{label}的席位不能使用：{reason}",
        decision=f"{label}调整至{venue}会场随机抽取的另一席位，继续评标。",
        course=[(now, f"{label}更换席位", "已保存的评审内容不变")],
    )


def _issue(session: Session, move: str, actor: Actor, now: datetime, *, course: list, **told: str) -> Document:
    lot, (kind, basis, consequences) = session.lot, DECISIONS[move]
    offers = session.order.offers.filter(state="confirmed").select_related("centre__organisation").order_by("-is_main")
    main = next((str(one.centre) for one in offers if one.is_main), "")
    data: IncidentDecision = common(lot, now) | told | {
        "red_head": "", "document_number": "", "kind": kind, "order_number": session.order.number,
        "venues": "、".join(f"{one.centre.short_name}（{'主场' if one.is_main else '副场'}）" for one in offers),
        "course": [{"at": in_words(at), "event": event, "handling": handling} for at, event, handling in course],
        "basis": [basis], "consequences": consequences, "decided_by": _decided_by(actor) or main,
        "signatures": [{
            "role": ROLE_NAMES[actor.role], "name": actor.name, "at": in_words(now),
            "serial": actor.act.certificate.serial if actor.act else "",
        }] if actor.role != Role.CLOCK else [],
    }
    title = f"突发情况处置决定书：{kind}（{lot.name}）"
    return issue_document(PAPER, title, PAPER, data, lot=lot.pk, is_public=False, now=now)


def _decided_by(actor: Actor) -> str:
    """Return the body that decided; none for the clock, whose decision the main venue's paper tells."""
    return Organisation.objects.get(pk=actor.organisation).name if actor.organisation else ""


def fee_statement(fees: list[Fee], holder: str, now: datetime) -> bytes:
    """Typeset an expert's own statement; it is made for him alone and not kept."""
    days = sorted(one.since.astimezone(SHANGHAI) for one in fees)
    nothing = ("red_head", "document_number", "project_name", "project_code", "lot_name", "lot_code", "public_url")
    total = sum((one.total for one in fees), Decimal(0))
    data: FeeStatement = dict.fromkeys(nothing, "") | {
        "issued_at": canonical.timestamp(now), "holder": holder,
        "period": f"{days[0]:%Y年%-m月%-d日}至{days[-1]:%Y年%-m月%-d日}" if days else "",
        "sessions": [_attendance(one) for one in sorted(fees, key=lambda one: one.since)],
        "total": formatted(total), "total_cn": capitals(total),
        "paid": formatted(sum((one.total for one in fees if one.state == FeeState.PAID), Decimal(0))), "notes": NOTES,
        "issuer": "公衡公共资源交易平台",
    }
    return render("fee_statement", data)


def _attendance(fee: Fee) -> Attendance:
    since, until = fee.since.astimezone(SHANGHAI), fee.until.astimezone(SHANGHAI)
    return {
        "day": f"{since:%Y-%m-%d}", "venue": str(fee.centre), "since": f"{since:%H:%M}", "until": f"{until:%H:%M}",
        "hours": str(fee.hours), "base": formatted(fee.base), "overtime": formatted(fee.overtime),
        "remote": formatted(fee.remote), "total": formatted(fee.total), "state": fee.state_label,
    }
