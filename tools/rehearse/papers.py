"""Papers to bid with (演练用投标文件): real files from a folder, or realistic ones typeset for the occasion."""

import json
import random
import struct
import zlib
from pathlib import Path

import typst

#: What a folder of real files may hold; anything else stays on its owner's disk.
KINDS = {".pdf", ".docx", ".xlsx", ".png", ".jpg", ".jpeg", ".txt"}

_CHAPTERS = (
    ("施工方案与技术措施", "本工程按“先地下后地上、先主体后装修”的原则组织施工，基坑支护、主体结构与机电安装分阶段穿插。"),
    ("质量管理体系与措施", "执行样板引路和三检制，对渗漏、开裂等质量通病逐项编制防治卡，材料进场见证取样。"),
    ("安全管理体系与措施", "危大工程清单共九项，深基坑与高支模专项方案经专家论证后实施，塔吊防碰撞系统全程运行。"),
    ("文明施工与环境保护", "裸土覆盖、车辆冲洗与扬尘在线监测联动，夜间施工噪声实时公示，建筑垃圾分类外运。"),
    ("工程进度计划与措施", "关键线路为桩基—地下室—主体—外装饰，设置七个里程碑节点，总工期满足招标要求。"),
    ("资源配备计划", "高峰期投入劳动力二百四十人，塔吊三台、施工电梯四台，主要材料按月滚动计划供应。"),
)
_PAGE = """
#set page(paper: "a4", margin: 2.5cm, numbering: "1")
#set text(font: "LXGW WenKai", size: 11pt, lang: "zh")
#let data = json(bytes(sys.inputs.data))
#align(center)[#text(size: 20pt, weight: "bold")[#data.title]]
#v(1cm)
#for chapter in data.chapters [
  == #chapter.title
  #for paragraph in chapter.paragraphs [ #paragraph #parbreak() ]
]
#if data.scan != none [ #pagebreak() == 附：扫描件 #image("scan.png", width: 100%) ]
"""


def of_folder(folder: Path) -> list[Path]:
    """Return the usable files below a folder, in order of name; ValueError when there is none."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix.lower() in KINDS]
    if not files:
        raise ValueError(f"{folder} 中没有可用于投标的文件（{'、'.join(sorted(KINDS))}）")
    return files


def make(folder: Path, *, fonts: Path, seed: str, size_mb: float) -> tuple[list[Path], list[Path]]:
    """Typeset a qualification file and a technical file of about ``size_mb`` together; returns (E1, E2).

    The technical file names nobody: it is a blind bid (暗标).
    """
    dice = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    weight = int(size_mb * 1e6)
    qualification = _typeset(
        folder / "资格文件.pdf", fonts, "资格审查文件",
        [("营业执照与资质证书", ["建筑工程施工总承包壹级资质，安全生产许可证在有效期内。"] * 2),
         ("类似项目业绩", [f"近五年完成类似房屋建筑工程 {dice.randint(3, 9)} 项，均验收合格。"]),
         ("项目管理机构", ["项目经理具备一级注册建造师资格，无在建工程。"])],
        weight // 4, dice,
    )
    chapters = [(title, [text] * dice.randint(2, 4)) for title, text in _CHAPTERS]
    technical = _typeset(folder / "技术文件.pdf", fonts, "施工组织设计", chapters, weight * 3 // 4, dice)
    return [qualification], [technical]


def _typeset(path: Path, fonts: Path, title: str, chapters: list, weight: int, dice: random.Random) -> Path:
    source = path.with_suffix(".typ")
    source.write_text(_PAGE)
    scan = None
    if weight > 200_000:
        scan = "scan.png"
        (path.parent / scan).write_bytes(_noise(weight - 100_000, dice))
    data = {
        "title": title, "scan": scan,
        "chapters": [{"title": name, "paragraphs": paragraphs} for name, paragraphs in chapters],
    }
    typst.compile(
        source, output=path, font_paths=[str(fonts)], ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    source.unlink()
    (path.parent / "scan.png").unlink(missing_ok=True)
    return path


def _noise(size: int, dice: random.Random) -> bytes:
    """Return a grey PNG of about ``size`` bytes that no compressor makes smaller: what a scan weighs."""
    width = 2000
    height = max(size // (width + 1), 1)
    rows = b"".join(b"\0" + dice.randbytes(width) for _ in range(height))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
