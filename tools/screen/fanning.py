"""Reading many bid documents at once (分发读取): one job per document, in local children or on a Ray cluster.

The job is defined once. Wherever it runs the bytes are parsed by the same limited child, so that the answers are the
same to the byte; a cluster only changes how many documents are read at a time.
"""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gongheng.kernel.refusal import Refusal
from gongheng.screening import fingerprints
from gongheng.screening.texts.pictures import perceptual_hash
from gongheng.trust.documents import sandbox
from tools.screen.refusing import Unreadable

LOCAL, RAY = "local", "ray"
#: Documents under way per processor of a cluster: enough to keep it busy, few enough to hold in memory.
_AHEAD = 2
#: Numbers that identify a machine or a person would stand in the results in clear: the command has no yearly secret.
_KEPT = fingerprints.KINDS.keys() - fingerprints.SECRET_KINDS
_SIDE = 32


@dataclass(frozen=True)
class Read:
    """What one document gave: words (pages parted by form feeds), pictures, what its program wrote, or a refusal.

    ``pictures``: (page, digest, perceptual hash or None, width, height), None where they could not be taken out;
    ``is_cut``: it held more of them than the limits allow; ``origin``: (kind, value) as in fingerprints.KINDS.
    """

    words: str
    refused: str = ""
    pictures: tuple[tuple[int, str, int | None, int, int], ...] | None = None
    is_cut: bool = False
    origin: tuple[tuple[str, str], ...] = ()

    @property
    def silent_pages(self) -> int:
        """Pages without a word: scans. They are told apart and not guessed at; no character recognition is built in."""
        return sum(not page.strip() for page in self.words.split("\f"))


def read_document(path: Path) -> Read:
    """The job: read one document in limited children; a pure function of its bytes and of this release."""
    try:
        words = sandbox.extract_text(path)
    except Refusal as refusal:
        return Read("", refusal.message)
    try:
        traces = sandbox.traces(path)
    except Refusal:
        return Read(words)
    return Read(
        words, "",
        tuple((one.page, one.digest, _likeness(one.tiles), one.width, one.height) for one in traces.pictures),
        traces.is_cut, tuple(one for one in traces.origin if one[0] in _KEPT),
    )


def read_bytes(data: bytes) -> Read:
    """Do the job where the document's folder is not at hand, as on another machine of a cluster."""
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(data)
        kept.flush()
        return read_document(Path(kept.name))


def _likeness(tiles: bytes) -> int | None:
    if len(tiles) != _SIDE * _SIDE:
        return None
    return perceptual_hash(np.frombuffer(tiles, dtype=np.uint8).reshape(_SIDE, _SIDE).astype(float))


def read_all(paths: Sequence[Path], where: str = LOCAL) -> Iterator[Read]:
    """Yield what each document gave, in the order of the paths, whoever finished first."""
    return _on_ray(paths) if where == RAY else _locally(paths)


def _locally(paths: Sequence[Path]) -> Iterator[Read]:
    # A thread only waits for its child, which is a process of its own.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(read_document, paths)


def _on_ray(paths: Sequence[Path]) -> Iterator[Read]:
    try:
        import ray
    except ImportError as error:
        raise Unreadable(
            "--cluster ray", "这里没有安装 Ray",
            "在每个节点的同一位置装好本程序，再运行 uv sync --inexact --group cluster",
        ) from error
    if not ray.is_initialized():
        try:
            ray.init(address="auto", log_to_driver=False, logging_level="error")
        except ConnectionError as error:
            raise Unreadable(
                "--cluster ray", "没有找到正在运行的 Ray 集群",
                "先在主节点运行 ray start --head --disable-usage-stats，其他节点 ray start --address 主节点；"
                "或设 RAY_ADDRESS",
            ) from error
    job = ray.remote(num_cpus=1)(read_bytes)
    limit = max(1, int(_AHEAD * ray.cluster_resources().get("CPU", 1)))
    return in_order((lambda path=path: job.remote(path.read_bytes()) for path in paths), ray.get, limit)


def in_order(starts: Iterable[Callable], result: Callable, limit: int) -> Iterator[Read]:
    """Keep at most `limit` jobs under way and yield their answers in the order in which they were started."""
    waiting: deque = deque()
    for start in starts:
        waiting.append(start())
        if len(waiting) >= limit:
            yield result(waiting.popleft())
    while waiting:
        yield result(waiting.popleft())
