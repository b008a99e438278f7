"""Media through a Janus server (Debian's ``janus``, plugin videoroom) on the loopback interface (媒体转发服务器).

Browsers never reach its interface: they POST their descriptions to us, we ask Janus, and only media packets travel
between browser and Janus. So the rights of the meeting hold at the server: nobody subscribes to whom he may not hear.
"""

import secrets
from pathlib import Path

import httpx
from django.conf import settings

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import media, queries, rules
from gongheng.places.meetings.models import Meeting, Presence

SECONDS = 5.0
PUBLISHERS = 24
BITRATE = 400_000
ROOM_EXISTS = 427
#: One for the process: a client costs far more to make than a request.
_loopback = httpx.Client(timeout=SECONDS, trust_env=False)


class Janus:
    name = "janus"

    def negotiate(self, presence: Presence, message: dict) -> media.Negotiated:
        """publish → its answer; subscribe → an offer; answer → nothing."""
        match message.get("kind"):
            case "publish":
                return media.Negotiated(self._publish(presence, media.description(message)))
            case "subscribe":
                return media.Negotiated(self._subscribe(presence, media.other(presence, message)))
            case "answer":
                handle = presence.media.get("subscriptions", {}).get(media.other(presence, message).pk.hex)
                if handle is None:
                    raise Refusal("PEER", "没有等待应答的连接。")
                jsep = {"type": "answer", "sdp": media.description(message)}
                self._event(presence, handle, {"request": "start"}, jsep)
                return media.Negotiated()
            case _:
                raise Refusal("KIND", "不支持的信令类型。")

    def keep(self, presence: Presence) -> bool:
        """Janus forgets a session that is silent for a minute; one it does not know was lost with it."""
        session = presence.media.get("session")
        return session is None or _post(f"/{session}", {"janus": "keepalive"}, quiet=True).get("janus") == "ack"

    def apply(self, meeting: Meeting) -> list[Presence]:
        """Mute at the server, and end subscriptions that are allowed no longer."""
        changed = []
        present = {one.pk.hex: one for one in queries.present(meeting)}
        for presence in present.values():
            mine = presence.participant.standing
            for publisher, handle in list(presence.media.get("subscriptions", {}).items()):
                theirs = present[publisher].participant.standing if publisher in present else None
                if theirs is None or not (rules.hears(mine, theirs) or rules.sees(mine, theirs)):
                    _post(f"/{presence.media['session']}/{handle}", {"janus": "detach"}, quiet=True)
                    del presence.media["subscriptions"][publisher]
                    changed.append(presence)
            if handle := presence.media.get("publisher"):
                body = {
                    "request": "moderate", "room": meeting.pk.hex, "secret": _secret(), "id": presence.pk.hex,
                    "mid": "0", "mute": mine.is_muted,
                }
                _post(f"/{presence.media['session']}/{handle}", {"janus": "message", "body": body}, quiet=True)
        return changed

    def expel(self, presence: Presence) -> None:
        """Destroying its session cuts every stream from and to the browser, whatever the browser does."""
        if session := presence.media.get("session"):
            _post(f"/{session}", {"janus": "destroy"}, quiet=True)

    def close_room(self, meeting: Meeting) -> None:
        session = _post("", {"janus": "create"}, quiet=True).get("data", {}).get("id")
        if session is None:
            return
        handle = _attach(session)
        body = {"request": "destroy", "room": meeting.pk.hex, "secret": _secret()}
        _post(f"/{session}/{handle}", {"janus": "message", "body": body}, quiet=True)
        _post(f"/{session}", {"janus": "destroy"}, quiet=True)

    def _publish(self, presence: Presence, sdp: str) -> dict:
        """Begin afresh: a browser that publishes again has lost its media, or Janus has."""
        standing = presence.participant.standing
        if not any(rules.may(standing, right) for right in ("speaks", "shows", "calls")):
            raise Refusal("RIGHT", "您在会议中不发送音视频。")
        self.expel(presence)
        session = self._session(presence)
        handle = _attach(session)
        room = presence.participant.meeting.pk.hex
        _post(f"/{session}/{handle}", {"janus": "message", "body": {
            "request": "create", "room": room, "secret": _secret(), "publishers": PUBLISHERS, "bitrate": BITRATE,
            "bitrate_cap": True, "audiocodec": "opus", "videocodec": "vp8", "notify_joining": False,
        }})
        presence.media |= {"publisher": handle}
        answer = self._event(
            presence, handle,
            {"request": "joinandconfigure", "ptype": "publisher", "room": room, "id": presence.pk.hex},
            {"type": "offer", "sdp": sdp},
        )
        return {"kind": "answer", "sdp": _sdp(answer)}

    def _subscribe(self, presence: Presence, publisher: Presence) -> dict:
        mine, theirs = presence.participant.standing, publisher.participant.standing
        if not (rules.hears(mine, theirs) or rules.sees(mine, theirs)):
            raise Refusal("PEER", "您不接收对方的音视频。")
        session = presence.media.get("session") or self._session(presence)
        known = presence.media.setdefault("subscriptions", {})
        if old := known.pop(publisher.pk.hex, None):
            _post(f"/{session}/{old}", {"janus": "detach"}, quiet=True)
        handle = _attach(session)
        offer = self._event(presence, handle, {
            "request": "join", "ptype": "subscriber", "room": presence.participant.meeting.pk.hex,
            "streams": [{"feed": publisher.pk.hex}],
        })
        known[publisher.pk.hex] = handle
        return {"kind": "offer", "sdp": _sdp(offer)}

    def _session(self, presence: Presence) -> int:
        session = _post("", {"janus": "create"})["data"]["id"]
        presence.media = {"session": session}
        return session

    def _event(self, presence: Presence, handle: int, body: dict, jsep: dict | None = None) -> dict:
        """Send a request that Janus answers later, and wait for the event that answers it."""
        session, transaction = presence.media["session"], secrets.token_hex(8)
        sent = {"janus": "message", "body": body, "transaction": transaction} | ({"jsep": jsep} if jsep else {})
        _post(f"/{session}/{handle}", sent)
        while True:
            event = _answer("GET", f"/{session}", params={"maxev": 1})
            if event.get("janus") == "error":
                raise Refusal("MEDIA", "媒体服务器没有接受连接，正在重试。")
            if event.get("transaction") == transaction and event.get("janus") == "event":
                return _checked(event)


def _attach(session: int) -> int:
    return _post(f"/{session}", {"janus": "attach", "plugin": "janus.plugin.videoroom"})["data"]["id"]


def _post(path: str, value: dict, *, quiet: bool = False) -> dict:
    """Ask Janus; ``quiet`` where a server that is gone or has forgotten means that nothing is left to do."""
    try:
        return _checked(_answer("POST", path, json=value), quiet=quiet)
    except Refusal:
        if quiet:
            return {}
        raise


def _answer(method: str, path: str, *, json: dict | None = None, params: dict | None = None) -> dict:
    ours = {"apisecret": _secret()}
    body = {"transaction": secrets.token_hex(8)} | json | ours if json is not None else None
    try:
        answer = _loopback.request(method, settings.JANUS_URL + path, json=body, params=(params or {}) | ours)
        return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refusal("MEDIA", "媒体服务器暂时没有应答，正在重试；本席位的录像不受影响。") from error


def _checked(answer: dict, *, quiet: bool = False) -> dict:
    data = answer.get("plugindata", {}).get("data", {})
    code = answer.get("error", {}).get("code") or data.get("error_code")
    if code and code != ROOM_EXISTS and not quiet:
        raise Refusal("MEDIA", "媒体服务器没有接受连接，正在重试；本席位的录像不受影响。")
    return answer


def _sdp(event: dict) -> str:
    try:
        return event["jsep"]["sdp"]
    except KeyError as error:
        raise Refusal("MEDIA", "对方尚未发送音视频，正在重试。") from error


def _secret() -> str:
    """Return what Janus was started with; it stands in the instance folder, not in the environment."""
    return (Path(settings.VAR) / "janus" / "secret").read_text().strip()
