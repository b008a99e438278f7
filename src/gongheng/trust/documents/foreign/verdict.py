"""The way a parser says no: a reason that a user can act upon (不合格原因)."""


class Unfit(Exception):
    """The file is broken, dangerous or beyond a limit; ``reason`` is Chinese, ``flags`` name what was found."""

    def __init__(self, reason: str, *flags: str):
        super().__init__(reason)
        self.reason = reason
        self.flags = flags
