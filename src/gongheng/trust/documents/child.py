"""The limited child process (受限子进程): parse the bytes on stdin, answer on stdout, own nothing else.

Only sandbox.py starts it. The answer is one JSON line, followed by raw blobs. Before it looks at the
first byte it gives up memory, time, network, other programs and (except for rendering, which needs
the host's fonts for documents that embed none) every further file.
"""

import codecs
import ctypes
import importlib
import json
import platform
import re
import resource
import struct
import sys
import unicodedata

from cryptography.hazmat.primitives import hashes

from gongheng.crypto.canonical import b64
from gongheng.trust.documents.foreign import bills, images, office, origins, pdf, pictures
from gongheng.trust.documents.foreign.verdict import Unfit

KINDS = {"pdf": "PDF", "docx": "DOCX", "xlsx": "XLSX", "png": "PNG", "jpeg": "JPEG", "text": "文本", "other": "其他"}
# What the parsers would import only at need, when no file may be opened any more.
LATE = (
    "pypdf.filters",
    "pypdf.xmp",
    "pypdf._page",
    "pypdf._encryption",
    "openpyxl.worksheet.cell_range",
    "openpyxl.worksheet.merge",
)
CODECS = (
    "utf-8-sig",
    "utf-16",
    "utf-16-be",
    "utf-16-le",
    "utf-32",
    "utf-7",
    "ascii",
    "latin-1",
    "cp437",
    "cp1252",
    "mac-roman",
    "charmap",
    "unicode-escape",
    "raw-unicode-escape",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "shift-jis",
    "euc-jp",
    "euc-kr",
    "iso2022-jp",
)
MEMORY = 512 * 2**20
MAX_OUTPUT = 192 * 2**20
MAX_PLAIN = 64 * 2**20

# socket, socketpair, fork, vfork, execve, execveat, ptrace: by processor, with its audit number.
FORBIDDEN_CALLS = {
    "x86_64": (0xC000003E, (41, 53, 57, 58, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 199, 221, 281, 117)),
}


def main(request: dict) -> None:
    """Do one request: {"do", "seconds", "kind", "pages", "width"}; the process ends with its answer."""
    confine(request["seconds"], may_open_files=request["do"] == "rasters")
    answer, blobs = {}, []
    try:
        result = DO[request["do"]](sys.stdin.buffer, request)
        if request["do"] == "rasters":
            blobs = result
        else:
            answer["result"] = result
    except Unfit as unfit:
        answer["unfit"] = {"reason": unfit.reason, "flags": list(unfit.flags)}
    except (MemoryError, RecursionError):
        answer["unfit"] = {"reason": "文件过于复杂，检查时超出内存限度，请拆分或重新导出。", "flags": ["limit"]}
    answer["blobs"] = [len(blob) for blob in blobs]
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    for blob in blobs:
        out.write(blob)
    out.flush()


def confine(seconds: int, may_open_files: bool) -> None:
    """Give up what a parser does not need; the parent's own time limit stands behind the CPU limit."""
    for name in LATE:
        importlib.import_module(name)
    for name in CODECS:
        codecs.lookup(name)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
    files = 64 if may_open_files else 3
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    forbid_calls()


def forbid_calls() -> None:
    """A seccomp filter that answers EPERM to network and program calls; other processors rely on the limits."""
    if platform.machine() not in FORBIDDEN_CALLS:
        return
    architecture, calls = FORBIDDEN_CALLS[platform.machine()]
    permit, refuse = 0x7FFF0000, 0x00050000 | 1
    # Load the architecture, refuse a foreign one; load the call number, refuse each listed one.
    lines = [(0x20, 0, 0, 4), (0x15, 1, 0, architecture), (0x06, 0, 0, refuse), (0x20, 0, 0, 0)]
    for number, call in enumerate(calls):
        lines.append((0x15, len(calls) - number, 0, call))
    lines += [(0x06, 0, 0, permit), (0x06, 0, 0, refuse)]
    program = b"".join(struct.pack("HBBI", *line) for line in lines)
    body = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(lines), ctypes.addressof(body)))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    # A host that itself forbids prctl filters (some containers) keeps the limits above.
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0:
        libc.prctl(set_seccomp, filter_mode, header)


def inspect(file, request: dict) -> dict:
    """Kind, pages and text digest; Unfit with the reason when the file must not be used."""
    kind = detect(file)
    wanted = request["kind"]
    found = {"kind": kind, "pages": 0, "text_digest": "", "reason": "", "flags": []}
    try:
        if wanted and kind != wanted:
            raise Unfit(f"文件内容是{KINDS[kind]}，与声明的{KINDS.get(wanted, wanted)}不符。", "kind-mismatch")
        text = ""
        file.seek(0)
        if kind == "pdf":
            found["pages"], text = pdf.inspect(file)
        elif kind in ("docx", "xlsx"):
            found["pages"], text = office.inspect(file, kind)
        elif kind == "text":
            text = plain_text(file)
        elif kind == "png":
            images.inspect_png(file.read())
        elif kind == "jpeg":
            images.inspect_jpeg(file.read())
        else:
            raise Unfit("平台只能检查 PDF、DOCX、XLSX、PNG、JPEG 和纯文本文件。", "unknown-kind")
        found["text_digest"] = digest_of(text)
    except Unfit as unfit:
        found |= {"reason": unfit.reason, "flags": list(unfit.flags)}
    return found


def detect(file) -> str:
    """The kind by the bytes themselves; a file name proves nothing."""
    file.seek(0)
    start = file.read(8192)
    if not start:
        raise Unfit("文件为空。", "empty")
    if start.startswith(b"%PDF-") or b"%PDF-" in start[:1024]:
        return "pdf"
    if start.startswith(images.PNG):
        return "png"
    if start.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if start.startswith(b"PK\x03\x04"):
        return office.detect(file) or "other"
    return "text" if is_text(start) else "other"


def is_text(start: bytes) -> bool:
    """Whether the first block reads as UTF-8 or GB 18030 without control characters."""
    for encoding in ("utf-8", "gb18030"):
        try:
            # The block may end inside a character: drop up to three bytes.
            words = next(
                start[: len(start) - cut].decode(encoding)
                for cut in range(4)
                if _decodes(start[: len(start) - cut], encoding)
            )
        except StopIteration:
            continue
        if not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", words):
            return True
    return False


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def plain_text(file) -> str:
    """The text of a plain file (UTF-8, else GB 18030); Unfit when it is neither or too long."""
    file.seek(0)
    data = file.read(MAX_PLAIN + 1)
    if len(data) > MAX_PLAIN:
        raise Unfit("文本文件过大，请拆分后上传。", "too-much-text")
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(data, encoding):
            return data.decode(encoding)
    raise Unfit("文本编码无法识别，请保存为 UTF-8。", "encoding")


def digest_of(text: str) -> str:
    """SM3 over the text in one form (NFKC, no spaces), so that equal words in another layout meet; "" for none."""
    bare = "".join(unicodedata.normalize("NFKC", text).split())
    if not bare:
        return ""
    state = hashes.Hash(hashes.SM3())
    state.update(bare.encode("utf-8", "replace"))
    return b64(state.finalize())


def text(file, request: dict) -> str:
    kind = detect(file)
    if kind == "pdf":
        return pdf.text(file)
    if kind in ("docx", "xlsx"):
        return office.as_text(office.outline(file, kind))
    return plain_text(file) if kind == "text" else ""


def outline(file, request: dict) -> list[dict]:
    kind = detect(file)
    if kind not in ("docx", "xlsx"):
        raise Unfit("只有 DOCX 和 XLSX 文件可以按结构显示。", "unknown-kind")
    return office.outline(file, kind)


def rasters(file, request: dict) -> list[bytes]:
    return pdf.rasters(file, request["pages"], request["width"])


def traces(file, request: dict) -> dict:
    """What a file tells besides its words: [kind, value] of its origin, pictures and priced lines."""
    kind = detect(file)
    found: dict = {"origin": [], "pictures": [], "bill": [], "is_cut": False}
    if kind == "pdf":
        found["origin"] = origins.of_pdf(file)
        found["pictures"], found["is_cut"] = pictures.of_pdf(file)
    elif kind in ("docx", "xlsx"):
        found["origin"] = origins.of_office(office.checked_parts(file))
        found["pictures"] = pictures.of_office(file)
        found["bill"] = bills.of_tables(office.outline(file, kind))
    elif kind in ("png", "jpeg"):
        file.seek(0)
        found["pictures"] = pictures.of_picture(file.read())
    elif kind == "text" and (words := plain_text(file)).lstrip().startswith("<"):
        # The declaration names an encoding that was undone already.
        root = office.parsed(re.sub(r"^\s*<\?xml[^>]*\?>", "", words).encode())
        found |= {"origin": origins.of_exchange(root), "bill": bills.of_exchange(root)}
    return found


DO = {"inspect": inspect, "text": text, "outline": outline, "rasters": rasters, "traces": traces}
