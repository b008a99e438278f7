"""Writing a volume to disk, its lists, its ZIP, and reading all of it back (案卷封装), DA/T 103 appendix D."""

import os
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from gongheng.crypto import canonical, hashing, labels
from gongheng.followers.archive import rules
from gongheng.followers.archive.holdings import Item
from gongheng.kernel.clock import SHANGHAI
from gongheng.trading.projects.models import Lot

#: The manifest over every file but itself and the printed index, which quotes its digest.
MANIFEST = "其他/固化信息.json"
INDEX = "目录.pdf"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Placed:
    """An item where it was written: path below the volume, size, plain SM3 as base64url."""

    item: Item
    path: str
    size: int
    digest: str


class ReadBackDiffers(OSError):
    """What the disk gives back is not what was written."""


def place_items(folder: Path, items: list[Item]) -> list[Placed]:
    """Write each item into its stage folder, numbered within its item: "6 定标/6.3-01 合同.pdf"."""
    placed, counts = [], dict.fromkeys((item.number for item in items), 0)
    for item in items:
        counts[item.number] += 1
        parts = [rules.folder_of(item.number), *([f"{item.number} {item.folder}"] if item.folder else [])]
        path = Path(*parts, f"{item.number}-{counts[item.number]:02d} {item.name}")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(item.source, bytes):
            place.write_bytes(item.source)
        else:
            shutil.copyfile(item.source, place)
        placed.append(Placed(item, path.as_posix(), place.stat().st_size, _sm3(place)))
    return placed


def write_lists(folder: Path, lot: Lot, number: str, placed: list[Placed], report: dict, now: datetime) -> None:
    """Write what an archive reads first: 说明文件, 移交清单 and the report of the four properties."""
    other = folder / "其他"
    other.mkdir()
    (other / "四性检测报告.json").write_bytes(canonical.encode(report))
    ElementTree.ElementTree(_transfer_list(lot, number, placed, now)).write(
        other / "移交清单.xml", encoding="utf-8", xml_declaration=True
    )
    (folder / "说明文件.TXT").write_text(
        "\n".join(
            [
                f"档号：{number}",
                f"项目名称：{lot.tender_project.name}",
                f"标段名称：{lot.name}",
                f"标段编号：{lot.code}",
                f"统一交易标识码：{lot.deal_code}",
                f"保管期限：{rules.RETENTION}",
                f"件数：{len(placed)}    字节数：{sum(one.size for one in placed)}",
                f"归档时间：{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}（北京时间）",
                "",
                "目录结构依据 DA/T 103-2024：各阶段文件夹存放归档文件，“其他”存放移交清单、四性检测报告和固化信息。",
                "“其他/固化信息.json”列出除其自身和目录.pdf 以外每个文件的大小与 SM3 摘要。",
                "“存证包”可脱离本平台离线核验：gongheng verify 存证包。",
                "",
            ]
        ),
        encoding="utf-8",
    )


def seal_volume(folder: Path) -> str:
    """Write the manifest over the folder and return the package digest."""
    files = [
        {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "sm3": _sm3(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    manifest = canonical.encode({"v": 1, "files": files})
    (folder / MANIFEST).write_bytes(manifest)
    return canonical.b64(labels.digest(labels.ARCHIVE, manifest))


def write_zip(folder: Path, target: Path) -> None:
    """Write a folder as a ZIP without compression, so that any tool of any decade unpacks it."""
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
        file.flush()
        os.fsync(file.fileno())


def read_back(target: Path, package_digest: str) -> None:
    """Compare every file of a written ZIP with the manifest inside. Raises ReadBackDiffers."""
    with zipfile.ZipFile(target) as archive:
        manifest = archive.read(MANIFEST)
        if canonical.b64(labels.digest(labels.ARCHIVE, manifest)) != package_digest:
            raise ReadBackDiffers(MANIFEST)
        files = canonical.decode(manifest)["files"]
        if {one["path"] for one in files} | {MANIFEST, INDEX} != set(archive.namelist()):
            raise ReadBackDiffers("files are missing or were added")
        for one in files:
            state = hashing.new()
            with archive.open(one["path"]) as stream:
                while block := stream.read(_BLOCK):
                    state.update(block)
            if canonical.b64(state.digest()) != one["sm3"]:
                raise ReadBackDiffers(one["path"])


def _transfer_list(lot: Lot, number: str, placed: list[Placed], now: datetime) -> ElementTree.Element:
    """The transfer list (移交清单); names of elements are those of DA/T 46 with their numbers."""
    root = ElementTree.Element(
        "移交清单", {"档号": number, "件数": str(len(placed)), "字节数": str(sum(one.size for one in placed))}
    )
    for name, value in (
        ("项目名称", lot.tender_project.name),
        ("标段名称", lot.name),
        ("标段编号", lot.code),
        ("统一交易标识码", lot.deal_code),
        ("保管期限", rules.RETENTION),
        ("移交单位", "公共资源交易中心"),
        ("归档时间", now.astimezone(SHANGHAI).isoformat(timespec="seconds")),
    ):
        ElementTree.SubElement(root, name).text = value
    for order, one in enumerate(placed, start=1):
        row = ElementTree.SubElement(root, "件", {"序号": str(order), "归档范围编号": one.item.number})
        for name, code, value in (
            ("题名", "M22", one.item.title),
            ("责任者", "M32", one.item.responsible),
            ("日期", "M33", one.item.date.astimezone(SHANGHAI).isoformat(timespec="seconds")),
            ("路径", "", one.path),
            ("格式", "", one.item.suffix),
            ("大小", "", str(one.size)),
            ("SM3摘要", "", one.digest),
        ):
            ElementTree.SubElement(row, name, {"元数据": code} if code else {}).text = _xml_text(value)
    return root


def _xml_text(text: str) -> str:
    """Drop what XML 1.0 cannot hold: a title is a user's text."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))


def _sm3(path: Path) -> str:
    with path.open("rb") as file:
        return hashing.file_digest(file)
