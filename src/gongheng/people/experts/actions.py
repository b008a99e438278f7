"""The only writer about experts; a look at a person's data is itself worth proving."""

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.people.experts.models import Expert
from gongheng.people.experts.queries import keeps_pool
from gongheng.trust.evidence.moving import note


def look_at_expert(expert: Expert, *, reason: str, actor: Actor, clock: Clock) -> Expert:
    """Let the pool keeper read one expert's personal data (查阅); who looked and why goes into the log."""
    if not keeps_pool(actor):
        raise Refusal("ROLE", "专家个人信息只能由省级交易中心（专家库管理单位）查阅。")
    if len(reason.strip()) < 4:
        raise Refusal("REASON", "查阅专家个人信息须写明事由。", "reason")
    with note("experts.look", f"expert:{expert.pk}", actor=actor, clock=clock, reason=reason.strip()):
        return Expert.objects.select_related("person").get(pk=expert.pk)
