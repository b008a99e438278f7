"""Papers to bid with (演练用投标文件): real files from a folder, or realistic ones typeset for the occasion."""

import json
import random
import struct
import zlib
from pathlib import Path

import openpyxl
import typst

from tools.rehearse.chapters import MONTHS, technical_chapters

#: What a folder of real files may hold; anything else stays on its owner's disk.
KINDS = {".pdf", ".docx", ".xlsx", ".png", ".jpg", ".jpeg", ".txt"}

_TECHNICAL = Path(__file__).parent / "technical.typ"
_PLAIN = """
#set page(paper: "a4", margin: 2.5cm, numbering: "1")
#set text(font: "LXGW WenKai", size: 12pt, lang: "zh")
#set par(justify: true, leading: .9em, first-line-indent: (amount: 2em, all: true))
#set table(stroke: .6pt + luma(140), inset: 7pt)
#let data = json(bytes(sys.inputs.data))
#align(center)[#text(size: 22pt, weight: "bold", tracking: 4pt)[#data.title]]
#v(.6cm)
#for chapter in data.chapters [
  == #chapter.title
  #for paragraph in chapter.paragraphs [ #paragraph #parbreak() ]
  #if "rows" in chapter {
    table(columns: chapter.rows.at(0).map(_ => 1fr), ..chapter.rows.flatten().map(cell => [#cell]))
  }
]
#if data.scan != none [ #pagebreak() == 附：扫描件 #image("scan.png", width: 100%) ]
"""
ITEMS = 80
_ITEMS = (
    ("挖一般土方", "m3"), ("矩形柱混凝土", "m3"), ("现浇构件钢筋", "t"), ("砌块墙", "m3"), ("块料楼地面", "m2"),
    ("墙面一般抹灰", "m2"), ("屋面卷材防水", "m2"), ("塑钢窗", "m2"), ("配管", "m"), ("镀锌钢管", "m"),
)
_WORKS = (
    "实验小学教学楼", "职业学院实训中心", "人民医院门诊楼", "市民文化中心", "产业园标准厂房", "安置房三期",
    "中学体育馆", "社区服务综合体",
)


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
        folder / "资格文件.pdf", fonts, _PLAIN, {"title": "资格审查文件", "chapters": _qualification(dice)},
        weight // 4, dice,
    )
    technical = _typeset(
        folder / "技术文件.pdf", fonts, _TECHNICAL.read_text(),
        {"months": MONTHS, "chapters": technical_chapters(dice)}, weight * 3 // 4, dice,
    )
    return [qualification, _bill(folder / "已标价工程量清单.xlsx", dice)], [technical]


def _bill(path: Path, dice: random.Random) -> Path:
    """Write a priced bill: every bidder has the same items and reckons each price for himself."""
    usual = random.Random("the items of this building")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "分部分项清单"
    sheet.append(["序号", "项目编码", "项目名称", "计量单位", "工程量", "综合单价", "合价"])
    for number in range(1, ITEMS + 1):
        name, unit = usual.choice(_ITEMS)
        quantity, price = usual.randrange(20, 4000), round(usual.uniform(8, 900) * dice.lognormvariate(0, 0.12), 2)
        code = f"0101{number // 20 + 1:02d}{number % 20 + 1:03d}001"
        sheet.append([number, code, f"{name}（{number}）", unit, quantity, price, round(quantity * price, 2)])
    book.properties.creator = ""
    book.save(path)
    return path


def _qualification(dice: random.Random) -> list[dict]:
    works = dice.sample(_WORKS, 4)
    return [
        {
            "title": "一、营业执照与资质证书",
            "paragraphs": ["建筑工程施工总承包壹级资质，证书在有效期内；安全生产许可证在有效期内，延期手续齐全。"],
        },
        {
            "title": "二、类似项目业绩",
            "paragraphs": [f"近五年完成类似房屋建筑工程 {len(works)} 项，均验收合格，列表如下。"],
            "rows": [["工程名称", "建筑面积（平方米）", "竣工时间", "质量"]]
            + [
                [
                    work,
                    f"{dice.randrange(180, 620) * 100:,}",
                    f"{dice.randint(2021, 2025)}年{dice.randint(1, 12)}月",
                    "合格",
                ]
                for work in works
            ],
        },
        {
            "title": "三、项目管理机构",
            "paragraphs": [
                "项目经理具备建筑工程专业一级注册建造师资格和安全生产考核合格证书（B 类），目前无在建工程。"
            ],
            "rows": [
                ["岗位", "人数", "资格"],
                ["项目经理", "1", "一级注册建造师"],
                ["技术负责人", "1", "高级工程师"],
                ["施工员、质量员", str(dice.randint(4, 7)), "岗位证书"],
                ["专职安全员", "3", "安全考核 C 证"],
            ],
        },
        {
            "title": "四、财务与信誉",
            "paragraphs": ["近三年财务状况良好，资产负债率低于百分之七十；未被列入失信被执行人和严重违法失信名单。"],
        },
    ]


def _typeset(path: Path, fonts: Path, source_text: str, data: dict, weight: int, dice: random.Random) -> Path:
    source = path.with_suffix(".typ")
    source.write_text(source_text)
    scan = None
    if weight > 200_000:
        scan = "scan.png"
        (path.parent / scan).write_bytes(_noise(weight - 100_000, dice))
    typst.compile(
        source, output=path, font_paths=[str(fonts)], ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data | {"scan": scan}, ensure_ascii=False)},
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
