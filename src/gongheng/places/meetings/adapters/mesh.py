"""Browser to browser, no server in between (网状直连): the default, for rooms of a few seats.

Each browser sends to every other one; what may not be heard or seen is not sent. The platform only carries the
descriptions, so that both ends learn each other's DTLS fingerprint over their signed-in sessions.
"""

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import media
from gongheng.places.meetings.models import Meeting, Presence


class Mesh:
    name = "mesh"

    def negotiate(self, presence: Presence, message: dict) -> media.Negotiated:
        """An offer or answer goes into the other browser's inbox."""
        if message.get("kind") not in ("offer", "answer"):
            raise Refusal("KIND", "不支持的信令类型。")
        receiver = media.other(presence, message)
        body = {"kind": message["kind"], "sdp": media.description(message)}
        return media.Negotiated(receiver=receiver, body=body)

    def keep(self, presence: Presence) -> bool:
        """Nothing runs between browsers that we could keep, or lose."""
        return True

    def apply(self, meeting: Meeting) -> list[Presence]:
        """The senders themselves stop: each looks again as soon as the room changed."""
        return []

    def expel(self, presence: Presence) -> None:
        """The others close their connections as soon as the presence has ended; its signals are gone already."""

    def close_room(self, meeting: Meeting) -> None:
        """Everybody's presence has ended."""
