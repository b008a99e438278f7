"""Seats for worlds that only need some: chosen at once, where a page asks the solver (选席位)."""

from itertools import zip_longest

from gongheng.kernel.refusal import Refusal


def choose_seats(free: dict[str, list[str]], count: int) -> list[str]:
    """Propose ``count`` seats from {room: free seats in order}, each in a room of its own while rooms last.

    Experts of one lot should not meet (同标不见面, domain.md 4.5); only when rooms are fewer than
    experts does a room get a second one. Raises Refusal "SEATS".
    """
    if count < 1:
        raise Refusal("SEATS", "席位数量至少为1个。", "seats_wanted")
    rounds = zip_longest(*sorted(free.values(), key=len, reverse=True))
    chosen = [seat for one_per_room in rounds for seat in one_per_room if seat is not None][:count]
    if len(chosen) < count:
        raise Refusal(
            "SEATS", f"该时段可用席位{len(chosen)}个，少于所需的{count}个，请调整时间或席位数量。", "seats_wanted"
        )
    return chosen
