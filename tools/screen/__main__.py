"""``gongheng screen``: rank a market's tenders by signs of collusion and explain the first ones (围串标筛查)."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from tools.screen.refusing import Unreadable

_FONTS = Path(__file__).resolve().parents[2] / "build" / "fonts"
LEARNING = ("train", "evaluate")


def main(argv: list[str] | None = None) -> int:
    """Return 0 when everything is written, 2 when something cannot be read; nothing is written then."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        if argv and argv[0] in LEARNING:
            from tools.screen import learned

            return getattr(learned, argv[0])(_learning_parser(argv[0]).parse_args(argv[1:]))
        return screen(_parser().parse_args(argv))
    except Unreadable as unreadable:
        print(unreadable, file=sys.stderr)
        return 2


def screen(options: argparse.Namespace) -> int:
    """Read, score, write; progress goes to the error stream."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tools.screen import scoring, writing
    from tools.screen.extras import Extras
    from tools.screen.sources import source

    console = Console(stderr=True)
    with ExitStack() as stack:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bars = stack.enter_context(Progress(*columns, console=console, transient=not console.is_terminal))
        writer = writing.Writer(options.out, options.fonts)
        reading = bars.add_task("读取", total=1)
        known = source(options.bids, declared=options.schema, history=options.history, as_of=options.as_of)
        bars.advance(reading)
        extras = Extras(known.pool)
        asked = [
            read(getattr(options, name)) for name, read in (
                ("scores", extras.scores), ("logs", extras.logs), ("prices", extras.prices),
            ) if getattr(options, name)
        ]
        problems, inputs = [*known.problems, *extras.problems], (*known.inputs, *extras.inputs)
        if options.documents:
            from tools.screen.documents import Documents

            documents = stack.enter_context(Documents(options.documents, known.market.tenders))
            extracting = bars.add_task("提取投标文件", total=None)
            documents.read(lambda count: bars.advance(extracting, count), where=options.cluster)
            bars.update(extracting, total=len(documents.inputs))
            asked.append(documents.asked)
            problems, inputs = [*problems, *documents.problems], (*inputs, *documents.inputs)
        scoring_bar = bars.add_task("逐项目筛查", total=len(known.market.tenders))
        screened = scoring.screen(
            known.market.tenders, known.pool, prior=options.prior, progress=lambda: bars.advance(scoring_bar),
            evidence=lambda tender: [each for one in asked for each in one(tender)],
        )
        explaining = bars.add_task("写说明", total=min(options.top, len(screened)))
        writer.write(
            known, screened, prior=options.prior, top=options.top, problems=problems, inputs=inputs,
            progress=lambda: bars.advance(explaining),
        )
    for one in problems:
        console.print(f"· {one.name} {one.count:,} 处：{one.done}", highlight=False, markup=False)
    found = sum(one.weight > 0 for one in screened)
    print(f"筛查 {len(screened):,} 个项目，有迹象的 {found:,} 个（线索，不是认定）。")
    print(f"请打开 {options.out / 'index.html'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./gongheng screen", description="筛查一个市场的围串标迹象：排序、逐项目说明、图和机器可读结果",
        epilog="另有：screen train（有标签时学习）、screen evaluate（评估）。说明见 docs/screening-command.md",
    )
    _common(parser)
    for name, kind, text in (
        ("documents", "目录", "投标文件：项目编号/投标人代码/文件，招标文件放 项目编号/招标文件/"),
        ("prices", "目录", "分项报价 CSV：tender,firm,item,price[,quantity,unit,amount]"),
        ("scores", "CSV", "评分表：tender,judge,firm,factor,value,full"),
        ("logs", "CSV", "阅看记录：tender,judge,firm,part,pages,seconds,opened_at,marked_at"),
    ):
        parser.add_argument(f"--{name}", type=Path, metavar=kind, help=text)
    parser.add_argument(
        "--cluster", choices=("local", "ray"), default="local",
        help="在哪里读投标文件：本机的子进程（默认），或正在运行的 Ray 集群",
    )
    parser.add_argument("--top", type=_count, default=20, metavar="N", help="写说明页的项目数（默认 20）")
    parser.add_argument("--out", type=Path, required=True, metavar="目录", help="输出文件夹")
    parser.add_argument("--fonts", type=Path, default=_FONTS, metavar="目录", help="PDF 与图所用字体的文件夹")
    return parser


def _learning_parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"./gongheng screen {name}", description={
        "train": "从有标签（已查实、已排除）的项目学习，给没有标签的项目算概率",
        "evaluate": "在从未见过的项目上评估：按项目、按时间先后、按陌生企业",
    }[name])
    _common(parser)
    if name == "train":
        parser.add_argument("--on", type=Path, metavar="文件", help="要判断的项目；不给则判断同一文件中没有标签的项目")
        parser.add_argument("--on-schema", type=Path, metavar="TOML", help="该文件的列映射（默认同 --schema）")
        parser.add_argument("--out", type=Path, required=True, metavar="目录", help="输出文件夹")
    else:
        parser.add_argument("--seeds", type=_count, default=3, metavar="N", help="随机划分的次数（默认 3）")
        parser.add_argument("--out", type=Path, metavar="目录", help="输出文件夹")
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bids", type=Path, metavar="数据文件", help="CSV、Parquet 或 OCDS JSON")
    parser.add_argument("--schema", type=Path, metavar="TOML", help="列映射；不给时列名须为规定名称")
    parser.add_argument("--history", type=Path, metavar="文件", help="更早的数据，列与数据文件相同")
    parser.add_argument("--prior", type=_share, metavar="P", help="同类项目中串通的比例（0 到 1）；不给时只报相对风险")
    parser.add_argument("--as-of", default="", metavar="日期", help="只用这一天（含）以前开标的项目")


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("先验应在 0 与 1 之间")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("应为正整数")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
