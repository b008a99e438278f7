"""Brings a lot of a running instance to a stage by the rehearsal's own plays, for tests that need one there (场景)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.rehearse.cast import Cast
from tools.rehearse.papers import make
from tools.rehearse.play import preparation
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import Stages, until

FONTS = Path(__file__).resolve().parents[1] / "build" / "fonts"


@contextmanager
def announced(origin: str, out: Path, *, bidders: int = 3) -> Iterator[Scene]:
    """Give a scene whose lot is announced and clarified, with the keys of all three trustees."""
    out.mkdir(parents=True, exist_ok=True)
    scene = Scene(
        cast=Cast(origin), stages=Stages(), out=out, seed=out.name, bidders=bidders, experts=5, size_mb=0.1,
        documents=None, fonts=FONTS,
    )
    try:
        preparation.play(scene)
        _wait_for_keys(scene)
        yield scene
    finally:
        scene.cast.close()


def _wait_for_keys(scene: Scene) -> None:
    scene.main_centre = scene.cast.one("centre", "济南")
    probe = scene.cast.visitor(scene.cast.find("bidder")[0], "bidder")
    until(lambda: len(probe.get_json(f"/bids/{scene.lot}/rules/")["trustees"]) == 3, "三方受托人登记本标段密钥")
    return scene


def papers(scene: Scene, name: str) -> tuple[list[Path], list[Path]]:
    """Typeset a small qualification file and a small technical file of their own for one bidder."""
    return make(scene.out / name, fonts=FONTS, seed=f"{scene.seed}/{name}", size_mb=scene.size_mb)
