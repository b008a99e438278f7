"""Telling how a rehearsal goes: a bar per stage, refusals that must come, a summary (演练进度)."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tools.visitor import Refused


class StageFailed(Exception):
    """The rehearsal ends: which stage, and why."""

    def __init__(self, stage: str, reason: str):
        super().__init__(f"{stage}：{reason}")
        self.stage = stage
        self.reason = reason


class Stages:
    """Runs stages one after another and remembers how long each took and what was refused in it."""

    def __init__(self) -> None:
        self.console = Console()
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self.console,
        )
        self.current = ""
        self.rows: list[tuple[str, float, str]] = []
        self.remarks: list[str] = []

    @contextmanager
    def stage(self, name: str, steps: int) -> Iterator[Callable[[], None]]:
        """Run a stage of so many steps; the body calls what it gets after each."""
        self.current, started, self.remarks = name, time.monotonic(), []
        task = self.progress.add_task(name, total=steps)
        try:
            yield lambda: self.progress.advance(task)
        except Refused as refused:
            raise StageFailed(name, f"本应受理的操作被拒绝 —— {refused}") from refused
        self.progress.update(task, completed=steps)
        self.rows.append((name, time.monotonic() - started, "；".join(self.remarks)))

    def remark(self, text: str) -> None:
        """Add a remark to the summary line of the running stage."""
        self.remarks.append(text)

    def must_refuse(
        self, what: str, act: Callable[[], object], rules: Iterable[str] = (), statuses: Iterable[int] = ()
    ) -> None:
        """Try what must not pass; ends the rehearsal when it does, or is refused for another reason."""
        try:
            act()
        except Refused as refused:
            if (
                refused.rule in set(rules)
                or refused.status in set(statuses)
                or any(r in refused.message for r in rules)
            ):
                self.remark(f"{what}被拒绝")
                return
            raise StageFailed(self.current, f"{what}：拒绝的理由不对 —— {refused}") from refused
        raise StageFailed(self.current, f"{what}：本应拒绝却被受理")

    def summary(self) -> Table:
        table = Table(title="演练结果")
        table.add_column("环节")
        table.add_column("用时", justify="right")
        table.add_column("应拒绝且已拒绝 / 备注")
        for name, seconds, remark in self.rows:
            table.add_row(name, f"{seconds:.1f} 秒", remark)
        return table


def until(condition: Callable[[], object], what: str, *, seconds: float = 60, every: float = 0.2):
    """Wait until ``condition`` returns something true and return it; StageFailed-free TimeoutError otherwise."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = condition()
        if found:
            return found
        time.sleep(every)
    raise TimeoutError(f"等待{what}超过{seconds:.0f}秒")
