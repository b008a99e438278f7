"""Who plays in a rehearsal, and how they get their certificates (演练角色)."""

from tools.visitor import SoftCertificate, Visitor

#: Public by design: the demonstration cabinet prints it.
PIN = "123456"


class Cast:
    """The people of the demonstration province, taken from its cabinet by role and words."""

    def __init__(self, origin: str):
        self.origin = origin
        self.anyone = Visitor(origin)
        self._signed_in: dict[str, Visitor] = {}

    def find(self, role: str, words: str = "") -> list[dict]:
        """Return the cabinet's holders of a role whose line contains all the words."""
        return self.anyone.http.get("/demonstration/cabinet/", params={"role": role, "q": words}).json()

    def visitor(self, holder: dict, role: str | None = None) -> Visitor:
        """Return the holder's session, signing in on first use."""
        if holder["id"] not in self._signed_in:
            gkey = self.anyone.http.get(f"/demonstration/cabinet/{holder['id']}.gkey").content
            visitor = Visitor(self.origin, SoftCertificate.unlock(gkey, PIN))
            visitor.sign_in(role)
            self._signed_in[holder["id"]] = visitor
        return self._signed_in[holder["id"]]

    def close(self) -> None:
        """End everybody's connections."""
        for visitor in (self.anyone, *self._signed_in.values()):
            visitor.http.close()

    def one(self, role: str, words: str = "") -> Visitor:
        """Return a session of the first holder found; ValueError when the province has none."""
        found = self.find(role, words)
        if not found:
            raise ValueError(f"演示省份中没有符合“{role} {words}”的人员，请先运行 make demo")
        return self.visitor(found[0])

    def by_phone(self, phone: str) -> Visitor:
        """Return the session of the expert whose telephone this is."""
        return self.visitor(self.find("expert", phone)[0])

    def advance_clock(self, at: str) -> str:
        """Move the demonstration's legal clock to a moment; returns the time it shows then."""
        return self.anyone.post_json("/demonstration/clock/", {"at": at})["now"]

    def now(self) -> str:
        return self.anyone.get_json("/demonstration/clock/")["now"]
