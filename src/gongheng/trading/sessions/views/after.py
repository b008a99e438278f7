"""After a session: files from the sub venue, fees of the experts (资料移交、劳务费)."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.roles import Actor, Role
from gongheng.trading.evaluation.queries import is_main_venue
from gongheng.trading.sessions import queries
from gongheng.trading.sessions.actions import handing, paying
from gongheng.trading.sessions.forms import ContentsForm, RemarkForm
from gongheng.trading.sessions.lifecycle import FeeState, HandOverState
from gongheng.trading.sessions.models import Fee, HandOver, Session
from gongheng.trading.sessions.printing import fee_statement
from gongheng.ui.pages import page


@page("sessions.files", Role.CENTRE, Role.SUPERVISOR)
def files(request: HttpRequest, pk) -> HttpResponse:
    """What the sub venue has to hand over, until when, and what came."""
    session = _session(request, pk)
    now = settings.CLOCK.now()
    is_main = is_main_venue(session.lot, request.actor)
    rows = [_file(one, request.actor, is_main, now) for one in queries.hand_overs_visible_to(request.actor).filter(
        session=session)]
    return render(request, "sessions/files.html", _frame(session, request.actor, "资料移交") | {
        "subtitle": "评标结束后5个工作日内，副场将纸质原件、电子文件和音视频资料移交主场归档。", "rows": rows,
        "overdue": sum(row["is_overdue"] for row in rows),
    })


@page("sessions.hand", Role.CENTRE, methods=("POST",), signed=True)
def hand(request: HttpRequest, pk, thing) -> HttpResponse:
    """Hand over one kind of files."""
    one = _hand_over(request, pk, thing)
    handing.hand_over(
        one, contents=request.POST.get("contents", "")[:500], actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, f"{one.get_item_display()}已登记移交，等待主场确认。")
    return redirect("sessions:files", pk)


@page("sessions.receive_files", Role.CENTRE, methods=("POST",), signed=True)
def receive(request: HttpRequest, pk, thing) -> HttpResponse:
    """Confirm that the files came."""
    one = handing.receive_files(_hand_over(request, pk, thing), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{one.get_item_display()}已确认接收。")
    return redirect("sessions:files", pk)


@page("sessions.return_files", Role.CENTRE, methods=("POST",), signed=True)
def send_back(request: HttpRequest, pk, thing) -> HttpResponse:
    """Send files back with a reason."""
    remark = request.POST.get("remark", "")[:300]
    one = handing.return_files(
        _hand_over(request, pk, thing), remark=remark, actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, f"{one.get_item_display()}已退回。")
    return redirect("sessions:files", pk)


@page("sessions.fees", Role.CENTRE, Role.SUPERVISOR)
def fees(request: HttpRequest, pk) -> HttpResponse:
    """What the experts are paid; attested by their venue, confirmed and paid by the main venue."""
    session = _session(request, pk)
    is_main = is_main_venue(session.lot, request.actor)
    rows = [
        _fee(one, request.actor, is_main) for one in queries.fees_visible_to(request.actor).filter(session=session)
    ]
    payable = (FeeState.CONFIRMED, FeeState.FAILED, FeeState.SENT)
    return render(request, "sessions/fees.html", _frame(session, request.actor, "专家劳务费") | {
        "subtitle": "按签到至签署的时间计费，不足半小时按半小时；专家所在库与会场标准不一致的，就高不就低。",
        "rows": rows, "total": sum((row["fee"].total for row in rows), Decimal(0)),
        "can_pay": is_main and any(row["fee"].state in payable for row in rows), "has_ended": session.ended_at,
    })


@page("sessions.attest_fee", Role.CENTRE, methods=("POST",), signed=True)
def attest(request: HttpRequest, pk, fee) -> HttpResponse:
    """Attest attendance and hours as the expert's venue."""
    one = paying.attest_fee(_own_fee(request, pk, fee), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{one.label}的评审时间已确认。")
    return redirect("sessions:fees", pk)


@page("sessions.confirm_fee", Role.CENTRE, methods=("POST",), signed=True)
def confirm(request: HttpRequest, pk, fee) -> HttpResponse:
    """Confirm the fee as the main venue."""
    one = paying.confirm_fee(_own_fee(request, pk, fee), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{one.label}的劳务费已确认。")
    return redirect("sessions:fees", pk)


@page("sessions.pay_fees", Role.CENTRE, methods=("POST",), signed=True)
def pay(request: HttpRequest, pk) -> HttpResponse:
    """Hand the confirmed fees to the bank."""
    done = paying.pay_fees(_session(request, pk), actor=request.actor, clock=settings.CLOCK)
    if done.unanswered:
        messages.warning(request, f"银行没有答复，{done.unanswered}笔状态未定；可稍后再次提交，同一笔不会重复支付。")
    elif done.failed:
        messages.warning(request, f"{done.paid}笔支付成功，{done.failed}笔失败；失败的可核对后再次提交。")
    else:
        messages.success(request, f"{done.paid}笔劳务费支付成功。")
    return redirect("sessions:fees", pk)


@page("sessions.my_fees", Role.EXPERT)
def my_fees(request: HttpRequest) -> HttpResponse:
    """An expert's own statement (劳务费对账单); nobody else sees it."""
    rows = list(queries.fees_visible_to(request.actor))
    return render(request, "sessions/my_fees.html", {
        "heading": "劳务费对账单", "subtitle": "您参加的评标场次的劳务费；只有您本人可以看到。",
        "rows": [{"fee": one, "tone": queries.TONES[one.state]} for one in rows],
        "total": sum((one.total for one in rows), Decimal(0)),
        "paid": sum((one.total for one in rows if one.state == FeeState.PAID), Decimal(0)),
        "breadcrumb": [{"label": "我的评标", "url": "/desk/"}, {"label": "劳务费对账单"}],
    })


@page("sessions.my_statement", Role.EXPERT)
def my_statement(request: HttpRequest) -> HttpResponse:
    """The same as a PDF to hand in, at one's employer or the tax office (劳务报酬与出席情况说明)."""
    rows = list(queries.fees_visible_to(request.actor))
    if not rows:
        raise Http404
    pdf = fee_statement(rows, request.actor.name, settings.CLOCK.now())
    return HttpResponse(pdf, content_type="application/pdf", headers={
        "Content-Disposition": "inline; filename*=UTF-8''%E5%8A%B3%E5%8A%A1%E6%8A%A5%E9%85%AC%E8%AF%B4%E6%98%8E.pdf",
        "Cache-Control": "no-store",
    })


def _session(request: HttpRequest, pk) -> Session:
    return get_object_or_404(queries.visible_to(request.actor), pk=pk)


def _hand_over(request: HttpRequest, pk, thing) -> HandOver:
    return get_object_or_404(queries.hand_overs_visible_to(request.actor), session=pk, pk=thing)


def _own_fee(request: HttpRequest, pk, fee) -> Fee:
    return get_object_or_404(queries.fees_visible_to(request.actor), session=pk, pk=fee)


def _frame(session: Session, actor: Actor, heading: str) -> dict:
    above = (
        {"label": "会场控制台", "url": f"/sessions/lots/{session.lot_id}/"} if actor.role == Role.CENTRE
        else {"label": "评标场次", "url": "/sessions/"}
    )
    return {
        "session": session, "heading": heading, "pretitle": f"{session.lot.tender_project.name}（{session.lot.name}）",
        "breadcrumb": [above, {"label": heading}],
    }


def _file(one: HandOver, actor: Actor, is_main: bool, now) -> dict:
    is_own = str(one.centre.organisation_id) == actor.organisation
    return {
        # A period ends at 24:00 of its last day; people know it by that day.
        "file": one, "last_day": one.due_at - timedelta(seconds=1), "tone": queries.TONES[one.state],
        "is_overdue": one.state != HandOverState.RECEIVED and now > one.due_at,
        "hand": ContentsForm(auto_id=f"hand-{one.pk}-%s") if is_own and one.state == HandOverState.WAITING else None,
        "send_back": RemarkForm(auto_id=f"return-{one.pk}-%s")
        if is_main and one.state == HandOverState.HANDED else None,
    }


def _fee(one: Fee, actor: Actor, is_main: bool) -> dict:
    is_own = str(one.centre.organisation_id) == actor.organisation
    return {
        "fee": one, "tone": queries.TONES[one.state], "can_attest": is_own and one.state == FeeState.COMPUTED,
        "can_confirm": is_main and one.state == FeeState.ATTESTED,
    }
