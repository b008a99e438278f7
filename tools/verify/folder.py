"""The files of a bundle against their signed manifest; every byte of every file is covered (文件清单)."""

from pathlib import Path

from gongheng.crypto import canonical, hashing, labels, signing
from gongheng.crypto.canonical import NotCanonical
from tools.verify.report import Broken, Report, only

MANIFEST, SIGNATURE = "MANIFEST.json", "MANIFEST.sig"


class Folder:
    """A bundle's folder; only files that the manifest lists can be read from it."""

    def __init__(self, path: Path, report: Report):
        self.path = path
        self.report = report
        self.read_files: set[str] = set()
        rows = self._object(MANIFEST, self._bytes(MANIFEST))
        try:
            only(rows, "v", "files")
            self.listed = {only(row, "path", "size", "sm3")["path"]: row for row in rows["files"]}
            if len(self.listed) != len(rows["files"]):
                raise ValueError("同一文件列出两次")
        except (ValueError, TypeError, KeyError) as error:
            report.fault(MANIFEST, f"清单格式不符（{error}）")
            raise Broken from error

    def check_files(self, report: Report) -> str:
        """Name every file that was changed, removed or added."""
        there = set()
        for place in self.path.rglob("*"):
            name = place.relative_to(self.path).as_posix()
            if place.is_symlink():
                report.fault(name, "是符号链接，存证包只应有普通文件")
            elif place.is_file() and name not in (MANIFEST, SIGNATURE):
                there.add(name)
        for name in sorted(set(self.listed) - there):
            report.fault(name, "文件缺失")
        for name in sorted(there - set(self.listed)):
            report.fault(name, "清单中没有此文件，是后来加入的")
        for name in sorted(there & set(self.listed)):
            file, row = self.path / name, self.listed[name]
            with file.open("rb") as stream:
                if file.stat().st_size != row["size"] or hashing.file_digest(stream) != row["sm3"]:
                    report.fault(name, "内容与清单摘要不符，已被改动")
        return f"文件清单：{len(self.listed)} 个文件逐字节相符"

    def check_signature(self, platform: bytes, report: Report) -> str:
        """Check the platform's signature over the manifest."""
        if not signing.verify(platform, self._bytes(MANIFEST), self._bytes(SIGNATURE), labels.BUNDLE):
            report.fault(f"{SIGNATURE}（或 {MANIFEST}、policy.json）", "清单签名无效：清单、签名或平台公钥被改动")
        return "清单签名：平台签名有效"

    def check_use(self, report: Report) -> str:
        """Name every listed file that no check had a use for: the format knows no others."""
        for name in sorted(set(self.listed) - self.read_files):
            report.fault(name, "存证包格式中没有此文件，任何核对都未用到它")
        return "文件用途：清单所列文件全部参与核对"

    def has(self, name: str) -> bool:
        return name in self.listed

    def read(self, name: str) -> dict:
        """Return a canonical JSON object; any other spelling of the same content is a change."""
        return self._object(name, self.bytes(name))

    def bytes(self, name: str) -> bytes:
        """Return a listed file's bytes. Raises Broken."""
        if name not in self.listed:
            self.report.fault(name, "清单中没有此文件")
            raise Broken
        self.read_files.add(name)
        return self._bytes(name)

    def _object(self, name: str, data: bytes) -> dict:
        try:
            value = canonical.decode(data)
        except NotCanonical as error:
            self.report.fault(name, f"不是规范格式的 JSON，内容被改动（{error}）")
            raise Broken from error
        if not isinstance(value, dict):
            self.report.fault(name, "内容不是 JSON 对象")
            raise Broken
        return value

    def _bytes(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            self.report.fault(name, "文件缺失或无法读取")
            raise Broken from error
