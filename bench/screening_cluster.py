"""Reading bid documents here and on a Ray cluster, byte for byte alike: ``./gongheng bench screening_cluster``.

Needs the dependency group ``cluster`` (Ray) and starts two nodes of its own here; they share the processors of one
machine, so that the figures show that the answers agree and what the fan-out costs, not how fast a cluster is.
"""

import hashlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

from tools.screen import fanning

DOCUMENTS, PAGES, SEED = 120, 12, 20260
_PICTURE = (
    '\n#image(bytes(range(25600).map(i => calc.rem(calc.quo(i, {step}) * 3, 251))), '
    'format: (encoding: "luma8", width: 160, height: 160))'
)


def main(arguments: Sequence[str] = ()) -> int:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is told to anybody
    try:
        import ray
        from ray.cluster_utils import Cluster
    except ImportError:
        print("没有安装 Ray：uv sync --inexact --group cluster 后重试。跳过。")
        return 0
    print(f"机器：{platform.machine()}，{os.cpu_count()} 核，负载 {os.getloadavg()[0]:.1f}；Ray {ray.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder))
        here, took_here = _timed(paths, fanning.LOCAL)
        # The workers find the program where this process found it, as on nodes that all hold the same release.
        os.environ["PYTHONPATH"] = os.pathsep.join(one for one in sys.path if one)
        start = time.perf_counter()
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            cluster.add_node(num_cpus=1)
            ray.init(address=cluster.address, log_to_driver=False)
            cluster.wait_for_nodes()
            nodes = [one for one in ray.nodes() if one["Alive"]]
            began = time.perf_counter() - start
            there, took_there = _timed(paths, fanning.RAY)
        finally:
            ray.shutdown()
            cluster.shutdown()
    read = json.loads(here)
    print(f"文件 {len(paths)} 份，共 {sum(len(one['words']) for one in read):,} 字，图片 "
          f"{sum(len(one['pictures'] or ()) for one in read)} 张，"
          f"无文字的 {sum(not one['words'].strip() for one in read)} 份，"
          f"其中拒绝 {sum(bool(one['refused']) for one in read)} 份")
    print(f"本机子进程   {took_here:.1f} 秒，结果 SHA-256 {hashlib.sha256(here).hexdigest()}")
    print(f"Ray {len(nodes)} 个节点 {took_there:.1f} 秒（启动另计 {began:.1f} 秒），"
          f"结果 SHA-256 {hashlib.sha256(there).hexdigest()}")
    print("逐字节相同" if here == there else "不相同")
    return 0 if here == there else 1


def make(folder: Path) -> list[Path]:
    """Write PDFs of words, some with a picture, some scans without words, broken files and plain texts."""
    import typst

    random = Random(SEED)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    fonts = [str(Path(__file__).resolve().parents[1] / "build" / "fonts")]
    paths = []
    for number in range(DOCUMENTS):
        words = ["".join(random.choices(letters, k=60)) for _ in range(PAGES * 12)]
        if number % 20 == 7:
            path = folder / f"{number:04d}.txt"
            path.write_text("。\n".join(words), encoding="utf-8")
        else:
            path = folder / f"{number:04d}.pdf"
            pages = ["\n\n".join(words[page * 12:page * 12 + 12]) for page in range(PAGES)]
            if number % 20 == 3:
                pages = ["#rect(width: 9cm, height: 12cm, fill: gray)"] * PAGES  # as a scanner leaves it: no words
            if number % 5 == 0:
                pages[0] += _PICTURE.format(step=number + 7)
            source = '#set text(font: "LXGW WenKai")\n' + "\n#pagebreak()\n".join(pages)
            data = typst.compile(source.encode(), font_paths=fonts)
            path.write_bytes(data[:len(data) // 3] if number % 20 == 13 else data)
        paths.append(path)
    return paths


def _timed(paths: Sequence[Path], where: str) -> tuple[bytes, float]:
    start = time.perf_counter()
    told = [{"document": path.name, "silent_pages": read.silent_pages, **asdict(read)}
            for path, read in zip(paths, fanning.read_all(paths, where), strict=True)]
    took = time.perf_counter() - start
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode(), took


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
