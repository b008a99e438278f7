"""Coming together: start, check-in at the seat, avoidance, promise, leader (签到与推选组长)."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.procedures import check_committee
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.places.venues import actions as venues
from gongheng.places.venues import logins
from gongheng.places.venues.models import Booking
from gongheng.places.venues.queries import enrolled_agent
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.draws import queries as draws
from gongheng.trading.draws.actions.seating import avoid_conflicted, avoid_pick
from gongheng.trading.evaluation.actions.sealing import forget_member
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Ballot, Evaluation, Member
from gongheng.trading.evaluation.queries import booking_at, booking_of, confirmed_order
from gongheng.trading.evaluation.queries import seat_code as code_of_seat
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import rulebook_of
from gongheng.trust.evidence.moving import moving, note, starting

#: How long before the session the doors open (签到提前量).
DOORS = timedelta(minutes=30)
#: An employer of the last three years is a ground for avoidance (12号令12条).
EMPLOYMENT_YEARS = timedelta(days=3 * 365)


def open_evaluation(lot: Lot, *, actor: Actor, clock: Clock) -> Evaluation:
    """Open check-in at all venues (开始签到): only staff of the main venue, from half an hour before the session."""
    order = order_of_main_venue(lot, actor)
    if clock.now() < order.starts_at - DOORS:
        raise Refusal("WINDOW", "评标时段未到：签到于评标开始前30分钟开放。")
    evaluation = Evaluation(lot=lot, attempt=lot.evaluations.count() + 1)
    with transaction.atomic():
        step = projects.advance_lot(lot, "evaluate", actor=actor, clock=clock)
        evaluation.started_at = step.now
        with starting(evaluation, actor=actor, clock=clock, verb="open"):
            pass
        # Only now the bidders are known: who is tied to one of them is replaced before he sees anything.
        avoid_conflicted(draws.draw_of(lot), actor=actor, clock=clock)
    return evaluation


def check_in(
    evaluation: Evaluation, expert: Expert, *, seat_code: str, actor: Actor, clock: Clock, session: bytes = b"",
    proof: str = "",
) -> Member:
    """Check an expert in at the seat drawn for him (席位签到): certificate plus proof that he sits there.

    The proof is signed by the seat's device for this login ``session``; at a seat without a self-test program it is the
    code on the seat's screen, and the entry says which it was. Raises Refusal COMMITTEE for somebody not drawn,
    IDENTITY before his venue identified him, SEAT or SEAT-DEVICE for any other seat than his, SEAT-WINDOW and
    SEAT-BROWSER for a proof passed on, WINDOW outside the session, AVOID when he worked for a bidder.
    """
    pick = draws.pick_of(expert, evaluation.lot)
    if pick is None:
        raise Refusal("COMMITTEE", "您不在本标段的评标委员会名单中。")
    booking = _booking_of_drawn_seat(evaluation, pick, clock)
    device = enrolled_agent(booking.seat)
    if device is not None:
        logins.check(device, booking, session, proof, clock.now())
    elif code_of_seat(booking) != seat_code.strip().replace(" ", ""):
        raise Refusal("SEAT", "席位码不正确，或不是为您抽取的席位，请核对席位号和席位屏幕上的6位数字。", "seat_code")
    conflict = _conflict(evaluation.lot, expert, clock)
    if conflict:
        raise Refusal("AVOID", f"您与投标人“{conflict}”存在任职关系，依法应当回避，请在本页选择“申请回避”。")
    with note("evaluation.check_in", evaluation, lot=evaluation.lot, actor=masked(actor, pick.pid), clock=clock,
              pid=pick.pid, seat=str(booking.seat_id), way="席位设备证明" if device else "席位码") as step:
        evaluation.refresh_from_db()
        _must_be(evaluation, State.CHECK_IN)
        if evaluation.members.filter(seat=booking.seat).exists():
            raise Refusal("SEAT", "该席位已有专家就座，请核对席位编号。", "seat_code")
        member, created = Member.objects.get_or_create(
            evaluation=evaluation, expert=expert,
            defaults={
                "pid": pick.pid, "centre_id": pick.centre_id, "seat": booking.seat,
                "number": _free_number(evaluation), "checked_in_at": step.now,
                "device_session": session if device else None,
            },
        )
        if not created:
            raise Refusal("STATE", "您已经签到。")
    return member


def verify_device(member: Member, *, session: bytes, proof: str, actor: Actor, clock: Clock) -> Member:
    """Let another login session go on at the member's seat (重新验证席位设备), vouched for by the seat's device."""
    booking, device = booking_of(member), enrolled_agent(member.seat)
    if booking is None or device is None:
        raise Refusal("WINDOW", "本席位的预留已经结束或没有自检程序，无需验证设备。")
    logins.check(device, booking, session, proof, clock.now())
    with note("evaluation.verify_device", member.evaluation, lot=member.evaluation.lot,
              actor=masked(actor, member.pid), clock=clock, pid=member.pid):
        Member.objects.filter(pk=member.pk).update(device_session=session)
    return member


def declare_avoidance(evaluation: Evaluation, expert: Expert, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Step down for a ground of avoidance (回避) at check-in; the next in the list is asked."""
    pick = draws.pick_of(expert, evaluation.lot)
    if pick is None:
        raise Refusal("COMMITTEE", "您不在本标段的评标委员会名单中。")
    if not reason.strip():
        raise Refusal("REASON", "申请回避须说明与哪个投标人存在何种关系。", "reason")
    with note("evaluation.avoid", evaluation, lot=evaluation.lot, actor=masked(actor, pick.pid), clock=clock,
              pid=pick.pid):
        evaluation.refresh_from_db()
        _must_be(evaluation, State.CHECK_IN)
        # His place is void from the start (条例48): the next expert reviews everything himself.
        for member in evaluation.members.filter(expert=expert):
            forget_member(member)
        evaluation.arrivals.filter(pid=pick.pid).update(is_gone=True)
        avoid_pick(pick, cause="专家申请回避", actor=actor, clock=clock)


def promise(member: Member, *, actor: Actor, clock: Clock) -> Member:
    """Sign the promise that no ground for avoidance exists (回避承诺), after seeing the bidders."""
    with note("evaluation.promise", member.evaluation, lot=member.evaluation.lot, actor=masked(actor, member.pid),
              clock=clock, pid=member.pid) as step:
        member = at_work(member, State.CHECK_IN)
        if member.promised_at is not None:
            raise Refusal("STATE", "您已经签署回避承诺。")
        member.promised_at = step.now
        member.save()
    return member


def begin(evaluation: Evaluation, *, actor: Actor, clock: Clock) -> Evaluation:
    """Begin once everybody sits and has promised (委员到齐): odd, at least five, experts two thirds."""
    order_of_main_venue(evaluation.lot, actor)
    with transaction.atomic():
        _begin(evaluation, actor, clock)
        if evaluation.leader_id is not None:
            # Only a member was replaced: who was elected leads on, and the committee goes back to its reviews.
            with moving(evaluation, "elect", actor=actor_of_committee(), clock=clock):
                pass
    return evaluation


def _begin(evaluation: Evaluation, actor: Actor, clock: Clock) -> None:
    with moving(evaluation, "begin", actor=actor, clock=clock) as step:
        members = list(evaluation.members.all())
        wanted = draws.committee_size(evaluation.lot)
        if len(members) != wanted:
            raise Refusal("COMMITTEE", f"评标委员会应到{wanted}人，实到{len(members)}人。")
        check_committee(rulebook_of(evaluation.lot), len(members), len(members))
        if any(member.promised_at is None for member in members):
            raise Refusal("PROMISE", "还有评委未签署回避承诺。")
        step.facts["members"] = len(members)


def vote_leader(member: Member, *, choice: Member, actor: Actor, clock: Clock) -> Evaluation:
    """Vote for the leader (推选组长): a majority of all members elects, otherwise another round follows."""
    with transaction.atomic():
        with note("evaluation.vote_leader", member.evaluation, lot=member.evaluation.lot,
                  actor=masked(actor, member.pid), clock=clock, pid=member.pid) as step:
            member = at_work(member, State.ELECTING)
            evaluation = member.evaluation
            if choice.evaluation_id != evaluation.pk:
                raise Refusal("LEADER", "组长由评标委员会成员推选产生，请在名单中选择。", "choice")
            step.facts["round"] = evaluation.ballot_round
            Ballot.objects.update_or_create(
                voter=member, round=evaluation.ballot_round,
                defaults={"evaluation": evaluation, "choice": choice, "cast_at": step.now},
            )
        ballots = evaluation.ballots.filter(round=evaluation.ballot_round)
        size = evaluation.members.count()
        if ballots.count() < size:
            return evaluation
        (first, votes), *_ = Counter(ballots.values_list("choice", flat=True)).most_common()
        if votes * 2 > size:
            with moving(evaluation, "elect", actor=actor_of_committee(), clock=clock, votes=votes,
                        round=evaluation.ballot_round):
                evaluation.leader_id = first
        else:
            evaluation.ballot_round += 1
            evaluation.save()
    return evaluation


def is_complete(evaluation: Evaluation) -> bool:
    """Return whether nobody is missing; while one is being replaced the committee concludes nothing."""
    return evaluation.members.count() == draws.committee_size(evaluation.lot)


def at_work(member: Member, state: State) -> Member:
    """Lock a member's row and return it afresh with its evaluation; call inside a transaction.

    Raises Refusal STATE when the evaluation is not in ``state``, HOLD while the lot stands still.
    """
    rows = Member.objects.select_for_update(of=("self",)).select_related("evaluation__lot")
    fresh = rows.filter(pk=member.pk).first()
    if fresh is None:
        raise Refusal("COMMITTEE", "您已不再是本标段评标委员会的成员。")
    _must_be(fresh.evaluation, state)
    if fresh.evaluation.lot.is_held():
        raise Refusal("HOLD", "评标已暂停，恢复后继续；此前保存的内容不会丢失。")
    return fresh


def release_venues(lot: Lot, now: datetime) -> None:
    """Give all seats of the session back (释放席位) when the committee has nothing left to do."""
    for offer in confirmed_order(lot).offers.all():
        venues.release_seats(offer.pk, now=now)


def actor_of_committee() -> Actor:
    """Return the committee as actor: what all members did together carries nobody's id."""
    return Actor("committee", Role.EXPERT)


def masked(actor: Actor, pid: str) -> Actor:
    """Return the expert as entries may name him before the award: by pid, not even by person id."""
    return Actor(f"pid-{pid[:20]}", actor.role, actor.organisation, act=actor.act)


def _must_be(evaluation: Evaluation, state: State) -> None:
    if evaluation.state != state:
        raise Refusal("STATE", f"评标当前处于“{evaluation.state_label}”阶段，不能办理“{state.label}”阶段的事项。")


def _free_number(evaluation: Evaluation) -> int:
    taken = set(evaluation.members.values_list("number", flat=True))
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def order_of_main_venue(lot: Lot, actor: Actor) -> VenueOrder:
    order = confirmed_order(lot)
    if order is None:
        raise Refusal("VENUES", "评标场地尚未由全部会场确认。")
    if actor.organisation != str(order.offers.select_related("centre").get(is_main=True).centre.organisation_id):
        raise Refusal("MAIN-VENUE", "只有主场交易中心可以启动、暂停和结束评标。")
    return order


def _booking_of_drawn_seat(evaluation: Evaluation, pick, clock: Clock) -> Booking:
    order = confirmed_order(evaluation.lot)
    if clock.now() >= order.ends_at:
        raise Refusal("WINDOW", "本次评标的时段已经结束，不能签到。")
    arrival = evaluation.arrivals.filter(pid=pick.pid, is_gone=False).first()
    if arrival is None or arrival.seat_id is None:
        raise Refusal("IDENTITY", "请先到会场核验台完成身份核验，核验通过后系统为您随机抽取席位。")
    return booking_at(evaluation, arrival.centre_id, arrival.seat_id)


def _conflict(lot: Lot, expert: Expert, clock: Clock) -> str | None:
    since = (clock.now() - EMPLOYMENT_YEARS).date()
    employers = {expert.employer_uscc, *expert.past_employments.filter(ended_on__gte=since).values_list(
        "employer_uscc", flat=True)}
    for bid in opened_bids(lot):
        if bid.uscc in employers:
            return bid.bidder_name
    return None
