"""The result, its reasons, the report and the signatures under it (汇总结果、评标报告)."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.evaluation import printing, queries
from gongheng.trading.evaluation.actions import reporting, scoring
from gongheng.trading.evaluation.forms import OpinionForm, ReasonForm, SignForm
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Evaluation, ReportSignature
from gongheng.trading.evaluation.views.entering import crumbs, frame, seat
from gongheng.trading.projects.forms import refuse
from gongheng.trust.documents import store
from gongheng.ui.pages import page


@page("evaluation.result", Role.EXPERT)
def result(request: HttpRequest, pk) -> HttpResponse:
    """The ranking with all its figures, and what the member still has to explain."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state not in (State.RESULT, State.SIGNING, State.DONE):
        return redirect("evaluation:room", pk)
    found = queries.deviations(evaluation)
    return render(request, "evaluation/result.html", frame(
        evaluation, "汇总结果", "系统按招标文件的办法计算得分和名次；组长编制评标报告后由全体评委签署。"
    ) | figures(evaluation) | {
        "own": member, "is_leader": evaluation.leader_id == member.pk, "deviations": found,
        "to_explain": [
            (one, ReasonForm(auto_id=f"reason-{number}-%s"))
            for number, one in enumerate(found) if one.member == member and not one.reason
        ],
        "unexplained": sum(not one.reason for one in found),
        "has_signed": ReportSignature.objects.filter(member=member).exists(),
        "is_result": evaluation.state == State.RESULT, "is_signing": evaluation.state == State.SIGNING,
        "opinion": OpinionForm(),
    })


@page("evaluation.explain", Role.EXPERT, methods=("POST",), signed=True)
def explain(request: HttpRequest, pk, bid) -> HttpResponse:
    """Give the reason for a total far from the others'."""
    member = seat(request, pk)
    bid = get_object_or_404(queries.passed_bids(member.evaluation), pk=bid)
    scoring.explain_deviation(
        member, bid=bid, reason=request.POST.get("reason", "")[:500], actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "评分偏差理由已记录。")
    return redirect("evaluation:result", pk)


@page("evaluation.report", Role.EXPERT, methods=("POST",), signed=True)
def report(request: HttpRequest, pk) -> HttpResponse:
    """Fix the result and typeset the report; the leader does this."""
    member = seat(request, pk)
    form = OpinionForm(request.POST)
    if not form.is_valid():
        raise Refusal("OPINION", "评审意见不超过2000字。", "opinion")
    reporting.make_report(
        member, opinion=form.cleaned_data["opinion"], result=request.POST.get("result", ""), actor=request.actor,
        clock=settings.CLOCK,
    )
    messages.success(request, "评标报告已形成，请全体评委阅读并签署。")
    return redirect("evaluation:room", pk)


@page("evaluation.sign", Role.EXPERT, methods=("GET", "POST"), signed=True)
def sign(request: HttpRequest, pk) -> HttpResponse:
    """Read the report and sign it, or write down the dissent."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.SIGNING or ReportSignature.objects.filter(member=member).exists():
        return redirect("evaluation:room", pk)
    form = SignForm(request.POST or None, initial={"document": evaluation.report.digest, "agrees": "yes"})
    if request.method == "POST" and form.is_valid():
        try:
            reporting.sign_report(
                member, agrees=form.cleaned_data["agrees"] == "yes", dissent=form.cleaned_data["dissent"],
                document=form.cleaned_data["document"], actor=request.actor, clock=settings.CLOCK,
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "您已签署评标报告。")
            return redirect("evaluation:room", pk)
    return render(request, "evaluation/sign.html", frame(
        evaluation, "签署评标报告", "签名覆盖下面这份评标报告的摘要；报告有任何改动，签名即失效。"
    ) | figures(evaluation) | {"form": form, "due_at": evaluation.next_due_at, "lines": queries.board(evaluation)})


@page("evaluation.report_file", Role.EXPERT, Role.AGENCY, Role.TENDERER, Role.SUPERVISOR, Role.CENTRE)
def report_file(request: HttpRequest, pk) -> HttpResponse:
    """The report itself as PDF: for the committee when it signs, for the parties when it is signed."""
    evaluation = get_object_or_404(queries.visible_to(request.actor).exclude(report=None), pk=pk)
    if request.actor.role == Role.EXPERT:
        seat(request, pk)
    elif evaluation.state != State.DONE:
        raise Http404
    with store.open(evaluation.report.digest) as stream:
        return HttpResponse(
            stream.read(), content_type="application/pdf",
            headers={"Content-Disposition": 'inline; filename="evaluation-report.pdf"', "Cache-Control": "private"},
        )


@page("evaluation.outcome", Role.AGENCY, Role.TENDERER, Role.SUPERVISOR, Role.CENTRE)
def outcome(request: HttpRequest, pk) -> HttpResponse:
    """The signed result for those who go on with it; members appear by number until the award (法38)."""
    evaluation = get_object_or_404(queries.visible_to(request.actor).filter(state=State.DONE), pk=pk)
    return render(request, "evaluation/outcome.html", frame(
        evaluation, "评标结果", "评标报告已由全体评委签署；评委姓名在中标结果确定前保密。"
    ) | figures(evaluation) | {"breadcrumb": crumbs(evaluation, "评标结果")})


def figures(evaluation: Evaluation) -> dict:
    """Return ranking, calculation and chart of the stored result, or of the one that would be stored now."""
    if evaluation.result is None:
        evaluation.result = queries.compute_result(evaluation)  # shown only; the report fixes it
    data = printing.report_figures(evaluation)
    names = [row["bidder"] for row in data["totals"]]
    return data | {
        "digest": queries.result_digest(evaluation),
        "coefficient": evaluation.result["coefficient"],
        "labels": [member.label for member in evaluation.members.order_by("number")],
        "chart": {
            "tooltip": {"trigger": "axis"}, "legend": {"top": 0, "textStyle": {"fontSize": 15}},
            "xAxis": {"type": "value", "max": 100},
            "yAxis": {"type": "category", "inverse": True, "data": names, "axisLabel": {"fontSize": 15}},
            "series": [
                {"type": "bar", "stack": "total", "name": name, "label": {"show": True, "fontSize": 15},
                 "data": [row[key] for row in data["totals"]]}
                for name, key in (("技术得分", "technical"), ("报价得分", "price_score"))
            ],
        },
    }
