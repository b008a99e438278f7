"""``gongheng rehearse``: play one tender from registration to archive against the running site (演练)."""

import argparse
import secrets
import shutil
from pathlib import Path

import httpx

from tools.rehearse import day, results
from tools.rehearse.cast import Cast
from tools.rehearse.play import (
    archiving,
    awarding,
    bidding,
    drawing,
    evaluating,
    opening,
    preparation,
    registration,
    venues,
)
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import StageFailed, Stages
from tools.visitor import Refused

PLAYS = (registration, preparation, venues, drawing, bidding, opening, evaluating, awarding, archiving)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="gongheng rehearse", description="对运行中的演示平台完整演练一次交易")
    parser.add_argument("--origin", default=None, help="平台地址（默认取本机正在运行的实例）")
    parser.add_argument("--bidders", type=int, default=5, help="投标人数（默认5，不少于3）")
    parser.add_argument("--experts", type=int, choices=(5, 7), default=5, help="评标专家人数")
    parser.add_argument("--documents", type=Path, help="用这个文件夹里的真实文件投标（PDF、DOCX、XLSX、图片）")
    parser.add_argument("--size", type=float, default=1.0, metavar="MB", help="每份投标文件的大小（默认 1 MB）")
    parser.add_argument("--seed", default="", help="随机种子，相同种子演练内容相同")
    parser.add_argument("--remote", action="store_true", help="演练远程异地评标的一天：5 个中心、12 场（约一刻钟）")
    parser.add_argument("--out", type=Path, default=Path("rehearsal"), help="结果文件夹（默认 rehearsal）")
    options = parser.parse_args(argv)
    if options.bidders < 3:
        parser.error("投标人不少于3个，否则依法不得开标")
    if options.out.exists() and any(options.out.iterdir()):
        shutil.rmtree(options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    origin = options.origin or results.running_origin()
    seed = options.seed or secrets.token_hex(4)
    stages.console.print(f"[bold]公衡演练[/bold]  {origin}  种子 {seed}")
    fonts, checked = Path(__file__).resolve().parents[2] / "build" / "fonts", True
    try:
        with stages.progress:
            if options.remote:
                day.play(origin, stages=stages, out=options.out, seed=seed, fonts=fonts)
            else:
                checked = _play(origin, options, stages, seed, fonts)
    except (StageFailed, Refused, httpx.HTTPError, TimeoutError, ValueError) as failure:
        stages.console.print(stages.summary())
        reason = failure.reason if isinstance(failure, StageFailed) else str(failure)
        stages.console.print(f"[bold red]演练未通过[/bold red]  环节“{stages.current}”：{reason}")
        return 1
    stages.console.print(stages.summary())
    stages.console.print(f"结果文件夹：{options.out}")
    stages.console.print("[bold green]演练通过[/bold green]" if checked else "[bold red]存证核验未通过[/bold red]")
    return 0 if checked else 1


def _play(origin: str, options: argparse.Namespace, stages: Stages, seed: str, fonts: Path) -> bool:
    """Play one tender from registration to archive; say whether its bundle verifies."""
    scene = Scene(
        cast=Cast(origin), stages=stages, out=options.out, seed=seed, bidders=options.bidders,
        experts=options.experts, size_mb=options.size, documents=options.documents, fonts=fonts,
    )
    for play in PLAYS:
        play.play(scene)
    return results.collect(scene)


if __name__ == "__main__":
    raise SystemExit(main())
