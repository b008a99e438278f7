"""A lawful "no": the rule that forbids, the field concerned and the remedy (拒绝)."""


class Refusal(Exception):
    """Raised when a rule forbids an act; nothing has been written when it leaves an action.

    ``rule`` is a short id ("T3", "USCC", "STATE"), ``message`` a Chinese sentence that names
    what is wrong and what would be right, ``field`` the form field it belongs to, if any;
    ``remedy_at`` the page on which it is put right, when that is another one.
    """

    def __init__(self, rule: str, message: str, field: str | None = None, remedy_at: str = ""):
        super().__init__(f"[{rule}] {message}")
        self.rule = rule
        self.message = message
        self.field = field
        self.remedy_at = remedy_at
