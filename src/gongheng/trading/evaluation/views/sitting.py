"""Sitting down: check-in at the seat, avoidance, promise, leader (签到、回避、承诺、推选组长)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.draws.queries import pick_of
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.forms import AvoidForm, CheckInForm, LeaderForm, PromiseForm
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.views.entering import frame, seat
from gongheng.trading.projects.forms import refuse
from gongheng.ui.pages import page


@page("evaluation.check_in", Role.EXPERT, methods=("GET", "POST"), signed=True)
def check_in(request: HttpRequest, pk) -> HttpResponse:
    """Sign in at the seat: certificate plus the code on the seat's own screen."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    if queries.member_of(evaluation, request.actor) is not None:
        return redirect("evaluation:room", pk)
    form = CheckInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = sitting.check_in(
                evaluation, queries.expert_of_actor(request.actor), seat_code=form.cleaned_data["seat_code"],
                actor=request.actor, clock=settings.CLOCK,
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"签到成功，您是{member.label}。请阅读投标人名单并签署回避承诺。")
            return redirect("evaluation:promise", pk)
    order, expert = queries.confirmed_order(evaluation.lot), queries.expert_of_actor(request.actor)
    return render(request, "evaluation/check_in.html", frame(
        evaluation, "席位签到", "先在会场核验身份，系统随机抽取席位；再用数字证书和席位屏幕上的6位席位码签到。"
    ) | {
        "form": form, "arrival": queries.arrival_of(evaluation, expert),
        "arrival_code": queries.arrival_code(pick_of(expert, evaluation.lot)), "avoid": AvoidForm(),
        "starts_at": order.starts_at, "ends_at": order.ends_at,
    })


@page("evaluation.avoid", Role.EXPERT, methods=("POST",), signed=True)
def avoid(request: HttpRequest, pk) -> HttpResponse:
    """Step down for a ground of avoidance."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = AvoidForm(request.POST)
    if not form.is_valid():
        raise Refusal("REASON", "申请回避须说明与哪个投标人存在何种关系。", "reason")
    sitting.declare_avoidance(
        evaluation, queries.expert_of_actor(request.actor), reason=form.cleaned_data["reason"], actor=request.actor,
        clock=settings.CLOCK,
    )
    messages.success(request, "已登记回避，系统将顺延通知下一位专家。感谢您的如实申报，请离开评标区。")
    return redirect("/desk/")


@page("evaluation.promise", Role.EXPERT, methods=("GET", "POST"), signed=True)
def promise(request: HttpRequest, pk) -> HttpResponse:
    """See who bids, and promise that no ground for avoidance exists."""
    member = seat(request, pk)
    if member.evaluation.state != State.CHECK_IN or member.promised_at is not None:
        return redirect("evaluation:room", pk)
    form = PromiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sitting.promise(member, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "回避承诺已签署。")
        return redirect("evaluation:room", pk)
    return render(request, "evaluation/promise.html", frame(
        member.evaluation, "回避承诺", "请核对投标人名单；有依法应当回避情形的，必须申请回避。"
    ) | {"form": form, "avoid": AvoidForm(), "bids": queries.bids_under_review(member.evaluation)})


@page("evaluation.vote_leader", Role.EXPERT, methods=("GET", "POST"), signed=True)
def leader(request: HttpRequest, pk) -> HttpResponse:
    """Vote for the leader; nobody sees who voted for whom."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.ELECTING:
        return redirect("evaluation:room", pk)
    members = list(evaluation.members.select_related("centre").order_by("number"))
    names = [(one, f"{one.label}（{one.centre.short_name}）{'—— 您本人' if one == member else ''}") for one in members]
    form = LeaderForm(request.POST or None, members=names)
    if request.method == "POST" and form.is_valid():
        choice = next(one for one in members if str(one.pk) == form.cleaned_data["choice"])
        sitting.vote_leader(member, choice=choice, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "您的一票已投出。")
        return redirect("evaluation:room", pk)
    return render(request, "evaluation/leader.html", frame(
        evaluation, f"推选组长（第{evaluation.ballot_round}轮）",
        "每人一票，得票超过全体评委半数者当选；没有人过半数则再投一轮。",
    ) | {"form": form})
