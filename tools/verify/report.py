"""What the verifier found: one line a check, and the places that are wrong (核验报告)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gongheng.crypto.refused import Refused

#: What a changed bundle can make honest code trip over; anything else is a bug of the verifier.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, Refused)


class Broken(Exception):
    """The bundle cannot be read any further; the fault is already in the report."""


@dataclass
class Report:
    """Collects checks in order, and the places that are wrong."""

    lines: list[tuple[bool, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def run(self, where: str, check: Callable[..., str], *arguments) -> None:
        """Make one check; its sentence counts only when it noted no fault. What it trips over is a fault too."""
        before = len(self.faults)
        try:
            sentence = check(*arguments, self)
        except MALFORMED as error:
            told = error.message if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
            self.fault(where, f"缺少内容或格式不符，无法核对（{told}）")
        else:
            if len(self.faults) == before:
                self.lines.append((True, sentence))

    def fault(self, where: str, what: str) -> None:
        """Note that ``where`` (a file, an entry, a container) is wrong in this way."""
        self.faults.append(f"{where}：{what}")
        self.lines.append((False, f"{where}：{what}"))

    @property
    def is_clean(self) -> bool:
        return not self.faults

    def text(self) -> str:
        return "\n".join(f"{'✓' if is_good else '✗'} {line}" for is_good, line in self.lines)


def only(value: dict, *names: str) -> dict:
    """Return an object with exactly these members, of version 1; ValueError otherwise.

    What nobody reads may hide anything.
    """
    if not isinstance(value, dict) or set(value) != set(names) or value.get("v", 1) != 1:
        raise ValueError(f"应恰有字段 {'、'.join(names)}，版本为 1")
    return value
