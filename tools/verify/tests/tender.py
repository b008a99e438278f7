"""One small tender from notice to award, with every kind of container, as a bundle in a folder (测试招标)."""

import io
import os
from dataclasses import dataclass, field
from pathlib import Path

from gongheng.crypto import canonical, contents, drawing, labels, merkle, pack, sealing, signing
from gongheng.crypto.canonical import b64, unb64
from tools.verify.tests.committee import play_draw
from tools.verify.tests.platform import LOT, TENDER, TRUSTEES, Platform
from tools.verify.tests.results import result

DUE = "2026-03-02T04:00:00.000Z"
CEILING = 200_000_000
METHOD = {
    "title": "综合评估法",
    "technical_weight": "40",
    "price_weight": "60",
    "factors": [
        {"id": "F1", "name": "施工方案", "max": "30", "kind": "RANGE", "guidance": ""},
        {"id": "F2", "name": "业绩", "max": "10", "kind": "FIXED", "guidance": ""},
    ],
    "form": [],
    "qualification": [],
    "response": [],
    "drops_extremes": True,
    "prompt_percent": "10",
    "price": {
        "full_score": "60",
        "above": "0.9",
        "below": "0.6",
        "k_choices": ["1", "2", "3"],
        "base_pool": "PASSED_PRELIM",
    },
}
USCC = {"甲": "91370100MA00000001", "乙": "91370100MA00000002", "丙": "91370100MA00000003", "丁": "91370100MA00000004"}


@dataclass
class Sealed:
    """A container on its way through the tender."""

    file: bytes
    bid: sealing.SealedBid
    position: int
    at: str
    container: sealing.Container = None
    problem: str = ""

    def __post_init__(self):
        self.container = sealing.Container.read(io.BytesIO(self.file))


@dataclass
class Tender:
    """Plays the tender on a platform in memory and writes its bundle."""

    platform: Platform = field(default_factory=Platform)
    keys: dict[str, tuple[bytes, bytes]] = field(
        default_factory=lambda: {name: signing.generate() for name in TRUSTEES}
    )
    versions: list[dict] = field(default_factory=list)
    documents: list[tuple[str, str, bytes]] = field(default_factory=list)
    bids: list[dict] = field(default_factory=list)
    covers: list[dict] = field(default_factory=list)
    sealed: dict[str, Sealed] = field(default_factory=dict)
    nonces: dict[str, bytes] = field(default_factory=dict)

    def play(self) -> "Tender":
        note = self.platform.note
        note("lot.add", code="L1", deal_code="U1", signed=True)
        note("lot.submit", signed=True)
        note("lot.file", role="supervisor", signed=True, filing_number="BA1")
        self._publish("lot.announce", "")
        for index, name in enumerate(TRUSTEES, start=1):
            public = b64(self.keys[name][1])
            message = {"v": 1, "lot": LOT, "trustee": name, "public": public}
            note(
                "trustee_key.enrol",
                role="trustee",
                trustee=name,
                index=index,
                kid=signing.kid(self.keys[name][1]),
                public_key=public,
                signature=self._by(name, message, labels.TRUSTEE_KEY),
            )
        self._seal("甲", "旧甲", 99_000_000)
        self._seal("乙", "乙", 101_000_000)
        self._publish("lot.amend", "更正工期")
        self._seal("甲", "甲", 98_000_000, supersedes=self.sealed["旧甲"].bid.D)
        self._seal("丙", "丙", 97_500_000)
        self._seal("丙", "旧丙", 97_000_000)
        self.platform.blind("bid.withdraw", D=self.sealed.pop("旧丙").bid.D)
        self._seal("丁", "丁旧", 88_000_000)
        self._seal("丁", "丁", 96_000_000)
        self._seal("丁", "掩护", 1)
        self._seal("丁", "坏", 95_000_000, breaks_price=True)
        self._seal("丁", "未解", 94_000_000)
        del self.sealed["旧甲"]
        self._close()
        self._open()
        self.draw, self.members = play_draw(self.platform)
        self._document("draw_record", "抽取记录", b"draw record", "draw.complete", subject="draw:draw-1")
        self._evaluate()
        return self

    # ------------------------------------------------------------------ up to the close

    def _publish(self, verb: str, corrigendum: str) -> None:
        before = b64(labels.digest(labels.DOCUMENT, canonical.encode(self.versions[-1]))) if self.versions else None
        self.versions.append(
            {
                "v": 1,
                "lot": LOT,
                "lot_code": "L1",
                "deal_code": "U1",
                "lot_name": "一标段",
                "version": len(self.versions) + 1,
                "previous": before,
                "corrigendum": corrigendum,
                "method": METHOD,
                "ceiling": f"{CEILING / 100:.2f}",
                "bids_due_at": DUE,
                "fallback": "on_platform_fault",
            }
        )
        digest = b64(labels.digest(labels.DOCUMENT, canonical.encode(self.versions[-1])))
        self.platform.note(verb, signed=True, tender_document=digest, bids_due_at=DUE)
        self._document("notice.announcement", "公告", f"公告 {corrigendum}".encode(), "notice.publish")

    def _document(self, kind: str, title: str, data: bytes, verb: str, subject: str = f"lot:{LOT}", **facts) -> None:
        self.documents.append((kind, title, data))
        self.platform.note(verb, subject, document=b64(labels.digest(labels.FILE, data)), **facts)

    def _seal(
        self, bidder: str, key: str, total_fen: int, supersedes: str | None = None, breaks_price: bool = False
    ) -> None:
        private, certificate = self.platform.certificate(USCC[bidder])
        price = {
            "v": 1,
            "total_fen": total_fen,
            "duration_days": 200,
            "quality": "合格",
            "manager": "王五",
            "items": [],
        }
        out, encryption = io.BytesIO(), signing.generate()[1]
        bid = sealing.seal(
            out,
            tender=TENDER,
            lot=LOT,
            corrigendum=len(self.versions) - 1,
            notice_digest=b64(labels.digest(labels.DOCUMENT, canonical.encode(self.versions[-1]))),
            trustees=[(signing.kid(self.keys[name][1]), self.keys[name][1]) for name in TRUSTEES],
            own_certificate_public=encryption,
            own_cert_kid="cert",
            identity={
                "certificate": [b64(certificate)],
                "uscc": USCC[bidder],
                "name": f"{bidder}公司",
                "contact": "赵六",
                "phone": "13800000000",
                "guarantee": "",
                "hall_nonce": b64(os.urandom(32)),
            },
            sign_inner=lambda message: signing.sign(private, message, labels.BID_INNER),
            envelopes={
                "E1": _packed({"资质.pdf": b"licence " + key.encode()}),
                "E2": _packed({"技术.pdf": os.urandom(70_000)}),
                "E3": b"{}" if breaks_price else canonical.encode(price),
            },
        )
        position = self.platform.blind("bid.seal", D=bid.D, **({"supersedes": supersedes} if supersedes else {}))
        at = self.platform.reveals[position]["hidden"]["at"]
        self.sealed[key] = Sealed(out.getvalue(), bid, position, at)
        message = {"v": 1, "lot": LOT, "D": bid.D, "ok": True}
        self.platform.blind(
            "bid.share_check",
            D=bid.D,
            trustee="notary",
            ok=True,
            signature=self._by("notary", message, labels.SHARE_CHECK),
        )

    def _close(self) -> None:
        self.platform.now = canonical.parse_timestamp(DUE)
        digests = sorted(unb64(one.bid.D) for one in self.sealed.values())
        self.root = b64(merkle.root("sm3", [merkle.leaf_hash("sm3", digest) for digest in digests]))
        self.nonce = os.urandom(32)
        self.platform.note(
            "lot.close",
            role="clock",
            closing_root=self.root,
            hall_commitment=b64(labels.digest(labels.COEFFICIENT, self.nonce)),
        )
        self.platform.witness_close()
        cover = self.sealed["掩护"]
        message = canonical.encode({"v": 1, "act": "cover", "lot": LOT, "D": cover.bid.D})
        signature = b64(signing.sign(cover.bid.otk_private, message, labels.COVER))
        self.covers.append({"D": cover.bid.D, "trustee": "notary", "signature": signature})
        self.platform.note("bid.strike_cover", role="trustee", **self.covers[0])

    # ------------------------------------------------------------------ opening

    def _open(self) -> None:
        note = self.platform.note
        note("lot.open_start", signed=True)
        names = [name for name in self.sealed if name != "掩护"]
        note("opening.start", "opening:1", digests=sorted(self.sealed[name].bid.D for name in names))
        for name in names:
            self._open_one(name)
        opened = [row for row in self.bids if row["state"] == "opened"]
        self.coefficient = drawing.pick_coefficient(
            LOT, self.root, [self.nonce, *(self.nonces[row["D"]] for row in opened)], METHOD["price"]["k_choices"]
        )
        note("opening.end_decryption", "opening:1", coefficient=self.coefficient, platform_nonce=b64(self.nonce))
        body = canonical.encode(
            {
                "v": 1,
                "lot": LOT,
                "coefficient": self.coefficient,
                "bids": [
                    {name: row[name] for name in ("D", "state", "uscc", "total_fen", "duration_days")}
                    for row in sorted(self.bids, key=lambda row: row["position"])
                ],
            }
        )
        self._document(
            "opening_record",
            "开标记录",
            b"record",
            "opening.record",
            content=b64(labels.digest(labels.OPENING_RECORD, body)),
        )
        note("lot.open", signed=True)

    def _open_one(self, name: str) -> None:
        one, note = self.sealed[name], self.platform.note
        row = {
            "D": one.bid.D,
            "position": one.position,
            "sealed_at": one.at,
            "state": "lapsed",
            "way": "",
            "problem": "",
            "uscc": "",
            "name": "",
            "total_fen": None,
            "duration_days": None,
            "quality": "",
            "manager": "",
            "secrets": {},
        }
        self.bids.append(row)
        if name == "未解":
            return
        identity = contents.check_identity(one.container, self._plain(one, "E0"))
        row |= {
            "uscc": identity["uscc"],
            "name": "" if name == "坏" else identity["name"],
            "way": "fallback" if name == "乙" else "own",
        }
        row["secrets"] = {envelope: b64(secret.to_bytes(32)) for envelope, secret in one.bid.secrets.items()}
        content = {"identity": identity, "price": {}, "files": [], "problem": ""}
        if name == "坏":
            content["problem"] = row["problem"] = "报价信封字段不正确。"
            row["state"] = "malformed"
        else:
            price = content["price"] = contents.check_price(self._plain(one, "E3"))
            row |= {field: price[field] for field in ("total_fen", "duration_days", "quality", "manager")}
            for envelope in ("E1", "E2"):
                content["files"] += _files(envelope, self._plain(one, envelope))
            row["state"] = "superseded" if name == "丁旧" else "opened"
            self.nonces[row["D"]] = unb64(identity["hall_nonce"])
        if row["way"] == "fallback":
            message = canonical.encode({"v": 1, "act": "fallback", "lot": LOT, "D": row["D"]})
            proof = {"otk_signature": b64(signing.sign(one.bid.otk_private, message, labels.SEAL))}
            note(
                "opening.request_fallback",
                "opening:1",
                role="bidder",
                signed=True,
                D=row["D"],
                ground="on_bidder_request",
                proof=proof,
            )
            for trustee in ("centre", "notary"):
                given = {"v": 1, "lot": LOT, "D": row["D"], "shares": {"E0": b64(os.urandom(40))}}
                note(
                    "share.release",
                    "opening:1",
                    role="trustee",
                    trustee=trustee,
                    D=row["D"],
                    shares=given["shares"],
                    signature=self._by(trustee, given, labels.SHARE_RELEASE),
                )
        state = "malformed" if name == "坏" else "opened"
        digest = b64(labels.digest(labels.OPENING_RECORD, canonical.encode(content)))
        note("bid.open", f"bid:{name}", role="bidder", way=row["way"], D=row["D"], state=state, content=digest)

    def _plain(self, one: Sealed, envelope: str) -> bytes:
        out = io.BytesIO()
        sealing.open_envelope(one.container, envelope, one.bid.secrets[envelope], out)
        return out.getvalue()

    # ------------------------------------------------------------------ evaluation and award

    def _evaluate(self) -> None:
        note, alias = self.platform.note, ("甲", "乙", "丙", "丁")
        note("lot.evaluate", role="centre", signed=True)
        bids = {row["uscc"]: row for row in self.bids if row["state"] == "opened"}
        usccs, self.aliases, sheets = sorted(bids), {}, {}
        for number, pid in enumerate(self.members):
            note("evaluation.check_in", "evaluation:1", role="expert", signed=True, pid=pid)
            turned = usccs[number:] + usccs[:number]
            self.aliases[pid] = dict(zip(alias, turned, strict=True))
            sheets[pid] = {uscc: {"F1": f"{20 + number + place}.50", "F2": "10.00"} for place, uscc in enumerate(usccs)}
            labelled = {label: sheets[pid][uscc] for label, uscc in self.aliases[pid].items()}
            note(
                "sheet.lock",
                "evaluation:1",
                role="expert",
                signed=True,
                pid=pid,
                sheet=b64(labels.digest(labels.DOCUMENT, canonical.encode(labelled))),
            )
        self.result = result(METHOD, LOT, f"{CEILING / 100:.2f}", bids, sheets, self.coefficient)
        self._document(
            "evaluation_report",
            "评标报告",
            b"report",
            "evaluation.report",
            result=b64(labels.digest(labels.DOCUMENT, canonical.encode(self.result))),
        )
        note("lot.report", role="expert")
        note("lot.publicise", signed=True)
        winner = self.result["bids"][self.result["ranking"][0]["bidder"]]["digest"]
        note("lot.award", role="tenderer", signed=True, bid=winner, rank=1, ground="first")

    # ------------------------------------------------------------------ bundle

    def write(self, folder: Path, mode: str = "full") -> Path:
        folder.mkdir(parents=True)
        is_public = mode == "public"
        experts = {
            entry["facts"]["act"]
            for entry in map(canonical.decode, self.platform.bodies)
            if "act" in entry.get("facts", {}) and entry["actor"]["role"] == "expert"
        }
        acts = [act for act in self.platform.acts if not (is_public and act["digest"] in experts)]
        bids = [
            row
            | {
                "secrets": {
                    name: value for name, value in row["secrets"].items() if not (is_public and name in ("E1", "E2"))
                }
            }
            for row in sorted(self.bids, key=lambda row: row["position"])
        ]
        files = {
            "bundle": {
                "v": 1,
                "lot": LOT,
                "lot_code": "L1",
                "deal_code": "U1",
                "lot_name": "一标段",
                "tender": TENDER,
                "tender_name": "测试招标",
                "origin": self.platform.log_policy()["origin"],
                "clock": "demonstration",
                "mode": mode,
                "made_at": DUE,
            },
            "policy": self.platform.policy(),
            "log": self.platform.export(),
            "acts": {"v": 1, "acts": acts},
            "tender": {"v": 1, "versions": self.versions},
            "draw": {"v": 1, "draws": [self.draw]},
            "bids": {"v": 1, "covers": self.covers, "bids": bids},
            "evaluation": {"v": 1, "result": self.result, "aliases": self.aliases},
            "documents": {"v": 1, "documents": self._write_documents(folder / "documents")},
        }
        for name, value in files.items():
            (folder / f"{name}.json").write_bytes(canonical.encode(value))
        for one in self.sealed.values():
            place = folder / "bids" / one.bid.D
            place.mkdir(parents=True)
            (place / "manifest.json").write_bytes(one.container.manifest_bytes)
            (place / "otk.sig").write_bytes(one.container.signature)
            row = next((row for row in bids if row["D"] == one.bid.D), {"secrets": {}})
            for envelope in row["secrets"]:
                parts = one.container.envelope(envelope)["parts"]
                data = b"".join(one.container.part(envelope, number) for number in range(len(parts)))
                (place / f"{envelope}.bin").write_bytes(data)
        self.platform.seal_folder(folder)
        return folder

    def _write_documents(self, folder: Path) -> list[dict]:
        folder.mkdir()
        rows = []
        for number, (kind, title, data) in enumerate(self.documents, start=1):
            name = f"{number:03d}-{kind}.pdf"
            (folder / name).write_bytes(data)
            rows.append(
                {
                    "file": name,
                    "kind": kind,
                    "title": title,
                    "digest": b64(labels.digest(labels.FILE, data)),
                    "size": len(data),
                }
            )
        return rows

    def _by(self, trustee: str, message: dict, label: str) -> str:
        return b64(signing.sign(self.platform.trustees[trustee][0], canonical.encode(message), label))


def _packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    pack.write(out, [(name, io.BytesIO(body)) for name, body in files.items()])
    return out.getvalue()


def _files(envelope: str, plain: bytes) -> list[list]:
    source, found = io.BytesIO(plain), []
    for one in pack.read(source):
        out = io.BytesIO()
        pack.extract(source, one, out)
        found.append([envelope, one.name, one.size, b64(labels.digest(labels.FILE, out.getvalue()))])
    return found
