"""Run a trustee: ``python -m tools.trustee --name notary --store DIR --platform URL`` (密钥受托人程序)."""

import argparse
import logging
import secrets
import signal
import threading
from pathlib import Path

import httpx

from gongheng.crypto import canonical, labels, sealing, signing
from gongheng.crypto.sealing import ContainerRefused
from tools.trustee import covers, releases
from tools.trustee.platform import Platform, TrusteeClock
from tools.trustee.store import Store

INDEXES = {"centre": 1, "supervisor": 2, "notary": 3}
UNKNOWN = 422
log = logging.getLogger("trustee")


class Trustee:
    """One trustee's rounds: make keys, check shares, send covers, strike them, release shares."""

    def __init__(self, name: str, store: Store, platform: Platform):
        self.name, self.store, self.platform = name, store, platform
        self.finished: set[str] = set()
        self.told: set[tuple[str, str]] = set()

    def round(self) -> None:
        """Ask once what there is to do, and do it."""
        self.pin_policy()
        work = self.platform.get(f"/api/trustees/{self.name}/work")
        for lot in work["keys_wanted"]:
            self.attempt(self.enrol, lot)
        for check in work["share_checks"]:
            self.attempt(self.check_share, check)
        for rules in work["lots"]:
            self.store.keep_deadline(rules["lot"], rules["deadline"])
            self.attempt(self.send_covers, rules)
        for lot in work["closed"]:
            self.attempt(self.strike_covers, lot)
        self.release_shares()

    def attempt(self, act, item) -> None:
        """Do one piece of work; a refused one is tried again next round and must not keep the others waiting."""
        try:
            act(item)
        except httpx.HTTPStatusError as error:
            log.warning("%s refused with status %s", act.__name__, error.response.status_code)

    def enrol(self, lot: str) -> None:
        """Make a key pair for the lot and hand in the public half under the identity key."""
        _, public = self.store.lot_key(lot)
        message = canonical.encode({"v": 1, "lot": lot, "trustee": self.name, "public": canonical.b64(public)})
        signature = signing.sign(self.store.identity, message, labels.TRUSTEE_KEY)
        self.platform.post(
            f"/api/trustees/{self.name}/{lot}/key",
            {"public": canonical.b64(public), "signature": canonical.b64(signature)},
        )

    def check_share(self, check: dict) -> None:
        """Unwrap the own share of every envelope and test it against the commitment; say so, signed."""
        private, _ = self.store.lot_key(check["lot"])
        is_sound = True
        for row in check["core"]["env"]:
            try:
                sealing.check_fallback_share(check["core"], row["id"], INDEXES[self.name], private)
            except ContainerRefused:
                is_sound = False
        message = canonical.encode({"v": 1, "lot": check["lot"], "D": check["D"], "ok": is_sound})
        self.platform.post(f"/api/trustees/{self.name}/{check['lot']}/check", {
            "D": check["D"], "verdict": "sound" if is_sound else "unsound",
            "signature": canonical.b64(signing.sign(self.store.identity, message, labels.SHARE_CHECK)),
        })

    def send_covers(self, rules: dict) -> None:
        """Send the covers whose secret moment has come."""
        now = self.platform.clock.now()
        plan = self.store.plan(rules["lot"])
        if plan is None:
            plan = covers.plan(rules, now)
            self.store.keep_plan(rules["lot"], plan)
        while plan["due"] and min(plan["due"]) <= now.timestamp():
            plan["due"].remove(min(plan["due"]))
            self.send_cover(rules, plan)

    def send_cover(self, rules: dict, plan: dict) -> None:
        """Send one cover, now and then in place of an own earlier one; or withdraw that."""
        old = covers.choose_old(plan["made"])
        if old and not secrets.randbelow(3):
            old["withdrawn"] = True
            self.store.keep_plan(rules["lot"], plan)
            covers.withdraw(self.platform, rules["lot"], old)
            return
        cover = covers.seal(rules)
        plan["made"].append(
            {"D": cover.D, "otk": canonical.b64(cover.otk_private), "replaces": old["D"] if old else None}
        )
        # Kept before it is handed in: a cover whose one-time key died with a crash could never be struck.
        self.store.keep_plan(rules["lot"], plan)
        covers.hand_in(self.platform, rules["lot"], cover, old)

    def strike_covers(self, lot: str) -> None:
        """After the close, own up to all covers, once."""
        if lot in self.finished:
            return
        for cover in (self.store.plan(lot) or {"made": []})["made"]:
            try:
                covers.strike(self.platform, lot, cover)
            except httpx.HTTPStatusError as error:
                # What never arrived (the platform was away), or no longer stood at the close, needs no striking.
                if error.response.status_code != UNKNOWN:
                    raise
        self.platform.post(f"/api/trustees/{self.name}/{lot}/done", {})
        self.finished.add(lot)

    def pin_policy(self) -> None:
        """Pin the log's and the witness's keys once, long before any deadline; they are never replaced."""
        if self.store.policy() is None:
            policy = self.platform.get("/api/log/policy")
            if policy["witnesses"]:
                self.store.pin_policy(policy)

    def release_shares(self) -> None:
        """Release the shares of bids whose case holds under this trustee's own eyes."""
        cases = self.platform.get(f"/api/releases/{self.name}/work")["releases"]
        for case in cases:
            try:
                self.release_share(case)
            except releases.NotReleased as reason:
                if (case["D"], str(reason)) not in self.told:
                    self.told.add((case["D"], str(reason)))
                    log.warning("share kept: %s", reason)

    def release_share(self, case: dict) -> None:
        """Judge one case and release the shares, encrypted to the session key; raises NotReleased."""
        lot, policy = case["lot"], self.store.policy()
        deadline = self.store.deadline(lot)
        if policy is None or deadline is None:
            raise releases.NotReleased("尚未固定日志与见证方公钥，或从未见过本标段的投标截止时间")
        pinned = releases.Pinned.of(policy, canonical.parse_timestamp(deadline))
        private, public = self.store.lot_key(lot)
        core, session = releases.judge(
            case, pinned, index=INDEXES[self.name], lot_public=public, now=self.platform.clock.now()
        )
        shares = releases.encrypt_shares(core, index=INDEXES[self.name], private=private, session_public=session)
        message = canonical.encode({"v": 1, "lot": lot, "D": case["D"], "shares": shares})
        self.platform.post(f"/api/releases/{self.name}/{lot}", {
            "D": case["D"], "shares": shares,
            "signature": canonical.b64(signing.sign(self.store.identity, message, labels.SHARE_RELEASE)),
        })


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="trustee", description=__doc__)
    parser.add_argument("--name", required=True, choices=sorted(INDEXES))
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--platform", required=True)
    parser.add_argument("--demo-clock", type=Path, help="offset file of a demonstration deployment")
    parser.add_argument("--every", type=float, default=0.5, help="seconds between rounds")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines would count requests of the sealed phase
    store = Store(options.store, options.name)
    platform = Platform(options.platform, options.name, store.identity, TrusteeClock(options.demo_clock))
    trustee = Trustee(options.name, store, platform)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            trustee.round()
        except httpx.HTTPError as error:
            # The message names a path of the sealed phase; the kind of failure is enough to act on.
            log.warning("platform not reached or refused: %s", type(error).__name__)
        stop.wait(options.every)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
