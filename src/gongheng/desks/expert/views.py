"""The desk of an evaluation expert: what to do now, in large type (专家工作台)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongheng.desks.portal.gathering import todos
from gongheng.kernel.roles import Role
from gongheng.trading.draws.lifecycle import PickState
from gongheng.trading.draws.queries import invitations_of
from gongheng.trading.evaluation.queries import confirmed_order, expert_of_actor, sessions_of
from gongheng.ui.pages import page


@page("expert.home", Role.EXPERT)
def home(request: HttpRequest) -> HttpResponse:
    """The expert's sessions and invitations; nobody but he himself sees this list."""
    sessions = [
        {
            "evaluation": evaluation, "lot": evaluation.lot, "member": member,
            "order": confirmed_order(evaluation.lot), "is_over": evaluation.finished_at is not None,
        }
        for evaluation, member in sessions_of(request.actor)
    ]
    now, expert = settings.CLOCK.now(), expert_of_actor(request.actor)
    begun = {one["lot"].pk for one in sessions}
    seats = [pick for pick in invitations_of(expert, now) if pick.state == PickState.ACCEPTED] if expert else []
    return render(request, "expert/home.html", {
        "coming": [pick for pick in seats if pick.draw.lot_id not in begun],
        "heading": "我的评标", "subtitle": "您参加的评标只有您本人可以看到；名单在中标结果确定前保密。",
        "now": [one for one in sessions if not one["is_over"]], "past": [one for one in sessions if one["is_over"]],
        "todos": todos(request.actor, now),
    })
