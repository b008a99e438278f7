"""The scope of a volume and how its files are named (归档范围与命名), DA/T 103-2024 appendices B and D."""

import unicodedata
from collections.abc import Iterable

STAGES = {
    "1": "招标准备",
    "2": "招标",
    "3": "投标",
    "4": "开标",
    "5": "评标",
    "6": "定标",
    "7": "其他",
}
#: The items of appendix B that this release produces; the starred ones no volume may lack.
ITEMS = {
    "1.2": "招标项目信息",
    "2.1": "招标公告",
    "2.4": "招标文件",
    "2.7": "澄清与修改",
    "3.1": "投标文件",
    "3.3": "投标回执",
    "4.1": "开标过程记录",
    "4.2": "评审委员会名单",
    "5.1": "评标标准",
    "5.5": "评标报告",
    "6.1": "候选人公示及结果公告",
    "6.2": "中标通知书",
    "6.3": "合同",
    "7.1": "异常情况",
    "7.2": "流程审批记录",
    "7.3": "异议及答复",
    "7.6": "行政监督文件",
}
MANDATORY = ("1.2", "2.1", "2.4", "3.1", "3.3", "4.1", "4.2", "5.1", "5.5", "6.1", "6.2", "6.3", "7.2")
#: Where each kind of document belongs; another kind is a process record.
NUMBERS = {
    "notice.announcement": "2.1",
    "tender_document": "2.4",
    "attachment": "2.4",
    "notice.clarification": "2.7",
    "opening_record": "4.1",
    "reveal": "4.1",
    "draw_record": "4.2",
    "evaluation_report": "5.5",
    "notice.candidates": "6.1",
    "notice.result": "6.1",
    "award_notice": "6.2",
    "contract": "6.3",
    "notice.failure": "7.1",
    "notice.termination": "7.1",
    "supervision_report": "7.6",
}
PROCESS_RECORD = "7.2"
#: Formats that an archive can still open in thirty years (格式白名单).
FORMATS = {"pdf", "txt", "xml", "json", "docx", "xlsx", "png", "jpg"}
#: Classes of retention; a construction tender by law falls under the longest (9.3).
RETENTION = "永久"
#: No file system takes a longer name than 255 bytes; a Chinese character has three.
LONGEST_NAME = 180


def missing(numbers: Iterable[str]) -> list[str]:
    """Return the items, as "6.3 合同", without which a volume is incomplete."""
    there = set(numbers)
    return [f"{number} {ITEMS[number]}" for number in MANDATORY if number not in there]


def safe_name(text: str, suffix: str = "") -> str:
    """Return text as a file name for any system: no separators or control characters, cut by bytes, suffix kept."""
    kept = (
        "".join("_" if c in '/\\:*?"<>|' or unicodedata.category(c)[0] == "C" else c for c in text).strip(" .") or "_"
    )
    room = LONGEST_NAME - len(suffix.encode())
    return kept.encode()[:room].decode(errors="ignore").rstrip(" .") + suffix


def folder_of(number: str) -> str:
    """Return the stage folder of an item: "6 定标"."""
    stage = number.partition(".")[0]
    return f"{stage} {STAGES[stage]}"
