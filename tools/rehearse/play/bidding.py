"""Stage 5: bidders seal in their own clients; nothing shows who or how many until the deadline (投标)."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tools.bid import client
from tools.demonstration.names import person_name
from tools.rehearse import papers
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.visitor import Visitor


@dataclass
class Bidder:
    """One bidder, his session and what his client keeps."""

    visitor: Visitor
    offer: client.Offer
    qualification: list[Path]
    technical: list[Path]
    machine: tuple[tuple[str, str], ...]
    kept: client.KeptBid | None = None


def play(scene: Scene) -> None:
    prepare(scene)
    seal(scene)
    _guard_the_deadline(scene)


def prepare(scene: Scene) -> None:
    """Give every bidder an offer and files, and wait for the trustees' keys."""
    dice, cards = scene.dice("offers"), scene.dice("network cards")
    people = scene.cast.find("bidder")
    with scene.stages.stage("5 编制投标文件", scene.bidders + 1) as done:
        real = papers.of_folder(scene.documents) if scene.documents else []
        for number, holder in enumerate(people[: scene.bidders]):
            folder = scene.out / "投标文件" / f"{number + 1:02d}"
            if real:
                half = max(len(real) // 2, 1)
                qualification, technical = real[:half], real[half:] or real[:1]
            else:
                qualification, technical = papers.make(
                    folder, fonts=scene.fonts, seed=f"{scene.seed}/{number}", size_mb=scene.size_mb
                )
            scene.bids.append(Bidder(
                scene.cast.visitor(holder, "bidder"),
                client.Offer(
                    total_fen=round(115_200_000_00 * (0.90 + dice.random() * 0.09)), duration_days=540,
                    quality="合格", manager=person_name(dice), contact=holder["name"],
                    phone=f"139{dice.randrange(10**8):08d}", guarantee=f"BH{dice.randrange(10**8):08d}",
                ),
                qualification, technical, (("mac", "D8-9E-F3-" + cards.randbytes(3).hex("-").upper()),),
            ))
            done()
        # The trustees answer within seconds: without their keys nobody can seal.
        until(lambda: len(_rules(scene)["trustees"]) == 3, "三方受托人登记本标段密钥")
        done()


def seal(scene: Scene) -> None:
    """Seal every bid, one of them twice; what a thief or a rival tries is refused."""
    with scene.stages.stage("5 密封投标", scene.bidders + 3) as done:
        for number, bidder in enumerate(scene.bids):
            bidder.kept = _submit(scene, bidder)
            if number == 0:
                first = bidder.kept
                bidder.kept = _submit(scene, bidder, replaces=first)
                scene.stages.must_refuse(
                    "盗用他人回执撤回投标",
                    lambda kept=bidder.kept: client.withdraw(scene.bids[1].visitor, _stolen(kept)),
                    rules=("SIGNATURE",),
                )
            done()
        _refuse_copies(scene)
        done()
        receipt = client.fetch_receipt(scene.bids[0].visitor, scene.bids[0].kept, patience=30)
        if receipt is None:
            raise TimeoutError("30 秒内没有取得带存证证明的投标回执")
        until(lambda: _checks(scene) == 3, "三方受托人校验兜底份额")
        scene.stages.remark(f"回执位次 {receipt['position']}，兜底份额 3/3")
        done()
        text = scene.cast.anyone.get(f"/lots/{scene.lot}/").text() + scene.agency.get(f"/lots/{scene.lot}/").text()
        for bidder in scene.bids:
            if bidder.visitor.certificate.organisation in text:
                raise ValueError("截标前标段页面出现了投标人名称")
        done()


def _refuse_copies(scene: Scene) -> None:
    """A rival who copies a sealed container and hands it in again is refused (T8)."""
    rival, victim = scene.bids[1], scene.bids[2]
    file = scene.out / "副本.gbid"
    with file.open("w+b") as copy:
        spare = _submit(scene, victim, replaces=victim.kept, copy_to=copy)
        victim.kept = spare
        copy.seek(0)
        container = client.Container.read(copy)
        scene.stages.must_refuse(
            "复制他人的投标文件",
            lambda: client.hand_in(
                rival.visitor, scene.lot, client.upload_parts(rival.visitor, scene.lot, container), container.D,
                client.canonical.unb64(rival.kept.otk_private),
            ),
            rules=("SIGNATURE", "COPIED", "SEALED"),
        )
    file.unlink()


def _guard_the_deadline(scene: Scene) -> None:
    """Try to open early, by the host and by a bidder with his own keys."""
    stages, lot = scene.stages, scene.lot
    with stages.stage("5 截标前偷看", 2) as done:
        stages.must_refuse(
            "截标前开标",
            lambda: scene.agency.act(f"/opening/{lot}/", form="opening.start"),
            rules=("STATE", "no form"),
            statuses=(404,),
        )
        stages.must_refuse(
            "截标前交出密钥解密",
            lambda: client.open_own(scene.bids[0].visitor, scene.bids[0].kept, _key(scene.bids[0])),
            rules=("STATE", "UNKNOWN"),
            statuses=(404,),
        )
        done()
        for visitor in (scene.bids[1].visitor, scene.cast.one("supervisor", "济南"), scene.main_centre):
            stages.must_refuse(
                "他人索取投标回执", lambda one=visitor: one.get_json(f"/bids/{lot}/receipt?d=x"), rules=("UNKNOWN",),
                statuses=(404,),
            )
        done()


def over_the_deadline(scene: Scene) -> None:
    """Pass the deadline and try to bid late."""
    stages = scene.stages
    with stages.stage("5 截标", 2) as done:
        late = scene.bids[-1]
        scene.advance_to(scene.facts["due"] + timedelta(milliseconds=1))
        stages.must_refuse(
            "逾期投标", lambda: _submit(scene, late, replaces=late.kept), rules=("LATE",), statuses=(404,)
        )
        done()
        until(lambda: "投标截止" in scene.cast.anyone.get(f"/lots/{scene.lot}/").text(), "截标")
        done()


def _submit(scene: Scene, bidder: Bidder, **more) -> client.KeptBid:
    with ExitStack() as stack:
        def opened(paths: list[Path]) -> list:
            return [(path.name, stack.enter_context(path.open("rb"))) for path in paths]

        return client.seal_and_submit(
            bidder.visitor, _rules(scene, bidder.visitor), _key(bidder), bidder.offer, opened(bidder.qualification),
            opened(bidder.technical), machine=bidder.machine, **more,
        )


def _rules(scene: Scene, visitor: Visitor | None = None) -> dict:
    return client.sealing_rules(visitor or scene.bids[0].visitor, scene.lot)


def _key(bidder: Bidder):
    return bidder.visitor.certificate


def _checks(scene: Scene) -> int:
    receipt = client.fetch_receipt(scene.bids[0].visitor, scene.bids[0].kept)
    return sum(check["ok"] for check in receipt["share_checks"]) if receipt else 0


def _stolen(kept: client.KeptBid) -> client.KeptBid:
    """What a thief has who found a receipt: everything but the one-time key."""
    return client.KeptBid(
        kept.lot, kept.D, kept.manifest, client.canonical.b64(client.signing.generate()[0]), None, kept.promise,
        kept.promise_signature,
    )
