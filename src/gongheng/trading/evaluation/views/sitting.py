"""Sitting down: check-in at the seat, avoidance, promise, leader (签到、回避、承诺、推选组长)."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.identity.sessions import session_digest
from gongheng.places.venues import logins
from gongheng.places.venues.queries import enrolled_agent
from gongheng.trading.draws.queries import pick_of
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.forms import AvoidForm, CheckInForm, DeviceCheckInForm, LeaderForm, PromiseForm
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Member
from gongheng.trading.evaluation.views.entering import frame, seat
from gongheng.trading.projects.forms import refuse
from gongheng.ui.pages import page


@page("evaluation.check_in", Role.EXPERT, methods=("GET", "POST"), signed=True)
def check_in(request: HttpRequest, pk) -> HttpResponse:
    """Sign in at the seat: certificate plus the seat's device, or the code on its screen where it has no program."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    member = queries.member_of(evaluation, request.actor)
    if member is not None:
        return _again(request, member)
    expert = queries.expert_of_actor(request.actor)
    arrival = queries.arrival_of(evaluation, expert)
    has_device = arrival is not None and arrival.seat is not None and enrolled_agent(arrival.seat) is not None
    proof = request.GET.get("proof", "")
    shown_form = DeviceCheckInForm if has_device else CheckInForm
    form = shown_form(request.POST or None, initial={"proof": proof})
    if request.method == "POST" and form.is_valid():
        try:
            member = sitting.check_in(
                evaluation, expert, seat_code=form.cleaned_data.get("seat_code", ""), actor=request.actor,
                clock=settings.CLOCK, session=session_digest(request), proof=form.cleaned_data.get("proof", ""),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"签到成功，您是{member.label}。请阅读投标人名单并签署回避承诺。")
            return redirect("evaluation:promise", pk)
    order = queries.confirmed_order(evaluation.lot)
    return render(request, "evaluation/check_in.html", frame(
        evaluation, "席位签到", "先在会场核验身份，系统随机抽取席位；再在该席位的电脑上用数字证书签到。"
    ) | {
        "form": form, "arrival": arrival, "has_device": has_device, "has_proof": bool(proof or request.POST),
        "arrival_code": queries.arrival_code(pick_of(expert, evaluation.lot)), "avoid": AvoidForm(),
        "starts_at": order.starts_at, "ends_at": order.ends_at,
    })


def _again(request: HttpRequest, member: Member) -> HttpResponse:
    """Let a member who signed in anew prove that he still sits at his seat."""
    if queries.is_at_seat(member, session_digest(request)):
        return redirect("evaluation:room", member.evaluation_id)
    if proof := request.GET.get("proof"):
        try:
            sitting.verify_device(
                member, session=session_digest(request), proof=proof, actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            messages.error(request, f"{refusal.message}（规则 {refusal.rule}）")
        else:
            messages.success(request, "席位设备已验证，可以继续评标。")
            return redirect("evaluation:room", member.evaluation_id)
    return render(request, "evaluation/verify_device.html", frame(
        member.evaluation, "验证席位设备", "您重新登录了；评标只能在为您抽取的席位上继续，已保存的内容不会丢失。"
    ) | {"member": member})


@page("evaluation.device", Role.EXPERT)
def device(request: HttpRequest, pk) -> HttpResponse:
    """Lead the browser through the program of the machine on which it runs."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    member = queries.member_of(evaluation, request.actor)
    sits = member or queries.arrival_of(evaluation, queries.expert_of_actor(request.actor))
    booking = queries.booking_at(evaluation, sits.centre_id, sits.seat_id) if sits else None
    agent = enrolled_agent(booking.seat) if booking else None
    if agent is None:
        raise Http404
    return redirect(logins.link(
        agent, booking, session_digest(request), back=reverse("evaluation:device-back", args=[pk]),
        now=settings.CLOCK.now(),
    ))


@page("evaluation.device_back", Role.PUBLIC)
def device_back(request: HttpRequest, pk) -> HttpResponse:
    """Take the browser back from its machine's program.

    A page of our own between, without a session: coming from there a strict browser does not show who it is yet.
    """
    onward = f"{reverse('evaluation:check-in', args=[pk])}?{urlencode({'proof': request.GET.get('proof', '')})}"
    return render(request, "evaluation/device_back.html", {"onward": onward})


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
