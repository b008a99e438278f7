"""``log_fsck``: recompute the evidence log and compare it with the witness (核对存证日志)."""

from django.core.management.base import BaseCommand, CommandError

from gongheng.trust.evidence import sequencer, witnessing
from gongheng.trust.evidence.checking import fsck, replay
from gongheng.trust.evidence.models import Head
from gongheng.trust.evidence.publishing import LogDamaged


class Command(BaseCommand):
    help = "全量核对存证日志：位次、内容、两棵默克尔树、日志头、签名、见证签名、业务状态。"

    def handle(self, *args, **options) -> None:
        problems = [*fsck(), *replay()]
        try:
            sequencer.guard()
        except (LogDamaged, witnessing.WitnessAway) as error:
            problems.append(str(error))
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"存证日志核对发现 {len(problems)} 处问题。")
        head = Head.objects.filter(one=True).first()
        self.stdout.write(f"存证日志完整，共 {head.size if head else 0} 条。")
