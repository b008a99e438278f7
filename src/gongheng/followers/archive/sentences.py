"""What the history says for this app: its one act is the lot's own move ``lot.archive``."""

SENTENCES: dict[str, str] = {}
