"""What the client says of the machine it runs on (设备信息), sealed with the bid's files.

Nobody knows it before the opening, and then only supervision compares it: two rivals whose bids were sealed on one
machine have something to explain. Nothing is hidden from the bidder: the
command prints what it seals, and a machine that tells nothing seals nothing.
"""

import uuid
from pathlib import Path

_BOARD = Path("/sys/class/dmi/id/board_serial")
#: This bit of the first octet marks a number that the system made up because no card gave one (RFC 4122).
_MADE_UP = 1 << 40


def told() -> list[tuple[str, str]]:
    """Return (kind, value) rows: the network card, and the board where the system lets its number be read."""
    rows = []
    card = uuid.getnode()
    if not card & _MADE_UP:
        rows.append(("mac", "-".join(f"{card:012X}"[place : place + 2] for place in range(0, 12, 2))))
    try:
        board = _BOARD.read_text().strip()
    except OSError:
        board = ""
    return [*rows, ("board", board[:100])] if board else rows
