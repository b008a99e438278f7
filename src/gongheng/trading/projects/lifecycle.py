"""The main path of a lot from intake to archive (标段主线), domain.md 9.3.

What belongs to one stage only (phases of an evaluation, of a draw …) is that stage's own table.
Later stages make these moves by calling ``projects.actions.advance_lot`` downward.
"""

from datetime import datetime

from django.db import models

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    REGISTERED = "registered", "待备案"
    RETURNED = "returned", "已退回"
    FILED = "filed", "已备案"
    ANNOUNCED = "announced", "招标中"
    CLOSED = "closed", "投标截止"
    OPENING = "opening", "开标中"
    OPENED = "opened", "已开标"
    EVALUATING = "evaluating", "评标中"
    REPORTED = "reported", "评标结束"
    PUBLICITY = "publicity", "候选人公示"
    AWARDED = "awarded", "已定标"
    NOTIFIED = "notified", "已发中标通知书"
    CONTRACTED = "contracted", "已签合同"
    ARCHIVED = "archived", "已归档"
    FAILED = "failed", "招标失败"
    TERMINATED = "terminated", "已终止"
    CANCELLED = "cancelled", "已撤销"


def too_early_to_close(lot, now: datetime) -> Refusal | None:
    """法34 / security.md 4.0.4: closing is never early."""
    if now < lot.bids_due_at:
        due = lot.bids_due_at.astimezone(SHANGHAI)
        return Refusal("T8", f"投标截止时间为 {due:%Y-%m-%d %H:%M:%S}，尚未到达，不能截标。")
    return None


def publicity_runs(lot, now: datetime) -> Refusal | None:
    """条例54: the winner is determined only after the candidates were public for at least 3 days."""
    if lot.publicity_ends_at is None or now < lot.publicity_ends_at:
        return Refusal("T10", "中标候选人公示期未满（不少于3日），公示结束后方可定标。")
    return None


_HOSTS = (Role.AGENCY, Role.TENDERER)
_BEFORE_OPENING = (State.ANNOUNCED, State.CLOSED)

LOT = Lifecycle(
    "lot",
    "标段",
    State,
    (
        Move("submit", "提交备案", (State.DRAFT, State.RETURNED), State.REGISTERED, _HOSTS),
        Move("return", "退回补正", (State.REGISTERED,), State.RETURNED, (Role.SUPERVISOR,)),
        Move("file", "备案通过", (State.REGISTERED,), State.FILED, (Role.SUPERVISOR,)),
        Move(
            "cancel", "撤销登记", (State.DRAFT, State.REGISTERED, State.RETURNED, State.FILED), State.CANCELLED, _HOSTS
        ),
        Move("announce", "发布招标公告", (State.FILED,), State.ANNOUNCED, _HOSTS),
        Move("amend", "发布澄清修改", (State.ANNOUNCED,), State.ANNOUNCED, _HOSTS, stopped_by_holds=False),
        Move(
            "close", "投标截止", (State.ANNOUNCED,), State.CLOSED, (Role.CLOCK,),
            guard=too_early_to_close, due=lambda lot: lot.bids_due_at,
        ),
        Move("open_start", "开始开标", (State.CLOSED,), State.OPENING, _HOSTS),
        Move("open", "开标结束", (State.OPENING,), State.OPENED, _HOSTS),
        Move(
            "fail", "招标失败", (State.CLOSED, State.OPENING, State.EVALUATING), State.FAILED,
            (*_HOSTS, Role.EXPERT, Role.CLOCK),
        ),
        Move("evaluate", "开始评标", (State.OPENED,), State.EVALUATING, (Role.CENTRE,)),
        # After a postponed session venues and committee are found anew; the bids stay opened.
        Move(
            "reopen_evaluation", "评标延期，重新组织", (State.EVALUATING,), State.OPENED,
            (Role.CENTRE, Role.CLOCK, *_HOSTS, Role.SUPERVISOR), stopped_by_holds=False,
        ),
        Move("report", "评标报告签署完成", (State.EVALUATING,), State.REPORTED, (Role.EXPERT,)),
        Move("publicise", "公示中标候选人", (State.REPORTED,), State.PUBLICITY, _HOSTS),
        Move("award", "确定中标人", (State.PUBLICITY,), State.AWARDED, (Role.TENDERER,), guard=publicity_runs),
        Move("notify", "发出中标通知书", (State.AWARDED,), State.NOTIFIED, _HOSTS),
        Move("contract", "合同签订完成", (State.NOTIFIED,), State.CONTRACTED, (Role.TENDERER, Role.BIDDER)),
        Move("archive", "归档", (State.CONTRACTED,), State.ARCHIVED, (Role.CENTRE,)),
        Move("terminate", "终止招标", _BEFORE_OPENING, State.TERMINATED, (Role.TENDERER,), stopped_by_holds=False),
    ),
    initial=State.DRAFT,
)
