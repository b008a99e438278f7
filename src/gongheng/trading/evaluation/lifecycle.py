"""Phases of an evaluation (评标), domain.md 3.2: check-in, leader, preliminary, technical, result, signatures."""

from datetime import timedelta

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class State(models.TextChoices):
    CHECK_IN = "check_in", "签到核验"
    ELECTING = "electing", "推选组长"
    PRELIMINARY = "preliminary", "初步评审"
    COMPETITION = "competition", "竞争性判断"
    TECHNICAL = "technical", "技术评分"
    RESULT = "result", "汇总结果"
    SIGNING = "signing", "签署报告"
    DONE = "done", "评标结束"
    FAILED = "failed", "否决全部投标"
    DISSOLVED = "dissolved", "评标委员会解散"


_EXPERT = (Role.EXPERT,)
#: How long a member may take to sign the report or to write down his dissent (签署时限).
SIGNING_TIME = timedelta(hours=2)
#: Phases in which a member who is lost can still be replaced; a signature that is missing counts as agreeing instead.
REPLACEABLE = (
    State.CHECK_IN, State.ELECTING, State.PRELIMINARY, State.COMPETITION, State.TECHNICAL, State.RESULT,
)

EVALUATION = Lifecycle(
    "evaluation",
    "评标",
    State,
    (
        Move("begin", "委员到齐，开始评标", (State.CHECK_IN,), State.ELECTING, (Role.CENTRE,)),
        Move("elect", "选出组长", (State.ELECTING,), State.PRELIMINARY, _EXPERT),
        Move("conclude_preliminary", "初步评审结束", (State.PRELIMINARY,), State.TECHNICAL, _EXPERT),
        Move("doubt_competition", "有效投标不足三个", (State.PRELIMINARY,), State.COMPETITION, _EXPERT),
        Move("continue", "具有竞争性，继续评标", (State.COMPETITION,), State.TECHNICAL, _EXPERT),
        Move("reject_all", "否决全部投标", (State.PRELIMINARY, State.COMPETITION), State.FAILED, _EXPERT),
        Move("lock_technical", "技术评分全部提交", (State.TECHNICAL,), State.RESULT, _EXPERT),
        Move("report", "形成评标报告", (State.RESULT,), State.SIGNING, _EXPERT),
        # 条例53: who neither signs nor writes down his dissent counts as agreeing; the clock ends the waiting.
        Move(
            "finish", "评标结束", (State.SIGNING,), State.DONE, (Role.EXPERT, Role.CLOCK),
            due=lambda evaluation: evaluation.sign_by,
        ),
        # 条例48: what the replaced member concluded is void; who replaces him reviews everything himself.
        Move(
            "replace", "更换评委，重新签到", REPLACEABLE, State.CHECK_IN, (Role.CENTRE,), stopped_by_holds=False,
        ),
        Move(
            "dissolve", "封存数据，解散评标委员会", (*REPLACEABLE, State.SIGNING), State.DISSOLVED,
            (Role.CENTRE, Role.CLOCK, Role.AGENCY, Role.TENDERER, Role.SUPERVISOR), stopped_by_holds=False,
        ),
    ),
    initial=State.CHECK_IN,
)
