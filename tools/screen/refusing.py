"""What cannot be read (拒绝), said with the field, the rule and the remedy; nothing has been written then."""


class Unreadable(Exception):
    """Raised with three Chinese sentences; the command prints them and ends with status 2."""

    def __init__(self, field: str, rule: str, remedy: str):
        super().__init__(f"✗ {field}\n  规则：{rule}\n  怎么办：{remedy}")
