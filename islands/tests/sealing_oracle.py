"""Reads one JSON job from stdin for the JavaScript tests and answers with what the Python twin says (对照)."""

import io
import json
import sys

from gongheng.crypto import canonical, contents, pack, sealing, shares, signing


def inspect(job: dict) -> dict:
    """Check a container written by the browser, open all its envelopes on both paths, and return what they say."""
    with open(job["container"], "rb") as file:
        container = sealing.Container.read(file)
        container.check()
        private = canonical.unb64(job["cert"])
        device = canonical.unb64(job["device"]) if job["device"] else None
        plain = {}
        for env in ("E0", "E1", "E2", "E3"):
            secret = sealing.own_secret(container.core, env, private, device)
            given = {
                i: sealing.check_fallback_share(container.core, env, i, canonical.unb64(job["trustees"][i - 1]))
                for i in (1, 2, 3)
            }
            del given[job["absent"]]
            if sealing.secret_of_shares(container.core, env, given) != secret:
                raise SystemExit("the two paths differ")
            out = io.BytesIO()
            sealing.open_envelope(container, env, secret, out)
            plain[env] = out
        packs = {env: [[e.name, e.size, e.sm3] for e in pack.read(plain[env])] for env in ("E1", "E2")}
        bodies = {}
        for env in ("E1", "E2"):
            for entry in pack.read(plain[env]):
                pack.extract(plain[env], entry, io.BytesIO())
                bodies[entry.name] = entry.sm3
        identity = (
            contents.check_identity(container, plain["E0"].getvalue())
            if job["check_identity"]
            else canonical.decode(plain["E0"].getvalue())
        )
        return {
            "D": container.D,
            "packs": packs,
            "bodies": bodies,
            "identity": identity,
            "price": contents.check_price(plain["E3"].getvalue()),
        }


def verify(job: dict) -> dict:
    """Verify signatures, decrypt a ciphertext, check shares and re-encode a value, all made in JavaScript."""
    unb64 = canonical.unb64
    points = [unb64(point) for point in job["points"]]
    return {
        "verified": signing.verify(unb64(job["public"]), unb64(job["message"]), unb64(job["signature"]), job["label"]),
        "plain": canonical.b64(signing.decrypt(unb64(job["private"]), unb64(job["ciphertext"]))),
        "shares": [shares.check(int(share, 16), i + 1, points) for i, share in enumerate(job["shares"])],
        "kid": signing.kid(unb64(job["public"])),
        "canonical": canonical.b64(canonical.encode(canonical.decode(unb64(job["canonical"])))),
        "signature": canonical.b64(signing.sign(unb64(job["private"]), unb64(job["message"]), job["label"])),
        "ciphertext": canonical.b64(signing.encrypt(unb64(job["public"]), unb64(job["message"]))),
    }


if __name__ == "__main__":
    request = json.load(sys.stdin)
    json.dump({"inspect": inspect, "verify": verify}[request["what"]](request), sys.stdout)
