"""Reads, checks and opens a sealed bid container, trusting nothing in it (投标容器).

Layout: "GGZYBID1" ‖ u32 length ‖ manifest ‖ u32 length ‖ otk signature ‖ bodies of E0, E1, E2, E3.
"""

import os
import struct
from collections.abc import Callable
from typing import BinaryIO

from . import labels, merkle, shares, signing
from .canonical import NotCanonical, b64, decode, unb64
from .envelopes import (
    CHUNK,
    CHUNKS_PER_PART,
    PART_SIZE,
    ROLES,
    SEALED_CHUNK,
    SEALED_PART,
    SUITE,
    ChunkCipher,
    core_digest,
    plain_size,
    unwrap,
    wrap_binding,
)
from .refused import ContainerRefused

MAGIC = b"GGZYBID1"
MAX_MANIFEST = 1 << 20
TRUSTEES, THRESHOLD = 3, 2
MODES = (["cert"], ["cert+device", "cert+device"])


class Container:
    """One sealed bid: its manifest, the signature of its one-time key, and a way to read its parts."""

    def __init__(self, manifest: bytes, signature: bytes, read_part: Callable[[str, int], bytes]):
        """Parse a manifest whose parts are kept elsewhere; `read_part(env, n)` returns one part's bytes.

        Raises ContainerRefused for any field missing, unknown or out of form.
        """
        self.manifest_bytes = manifest
        self.manifest = parse_manifest(manifest)
        self.signature = signature
        self.core = self.manifest["core"]
        self.core_digest = core_digest(self.core)
        self.digest = labels.digest(labels.BID_MANIFEST, manifest)
        self.D = b64(self.digest)
        self.otk_public = unb64(self.manifest["otk"])
        self._read_part = read_part

    @classmethod
    def read(cls, file: BinaryIO) -> "Container":
        """Return the container in a seekable file, which must end where the bodies end."""
        file.seek(0)
        if file.read(len(MAGIC)) != MAGIC:
            raise ContainerRefused("FORMAT", "不是投标容器文件：文件头不正确。")
        manifest = _block(file, MAX_MANIFEST)
        signature = _block(file, 64)
        start, starts = file.tell(), {}
        for item in parse_manifest(manifest)["envelopes"]:
            starts[item["id"]] = start
            start += item["size"]
        if file.seek(0, os.SEEK_END) != start:
            raise ContainerRefused("SIZE", "投标容器长度与清单不符，内容缺失或多余。")

        def read_part(env: str, n: int) -> bytes:
            file.seek(starts[env] + n * SEALED_PART)
            return file.read(container.part_size(env, n))

        container = cls(manifest, signature, read_part)
        return container

    def envelope(self, env: str) -> dict:
        """Return the manifest's row of one envelope."""
        return self.manifest["envelopes"][list(ROLES).index(env)]

    def part_size(self, env: str, n: int) -> int:
        """Return the exact byte size of part `n`."""
        return min(SEALED_PART, self.envelope(env)["size"] - n * SEALED_PART)

    def part(self, env: str, n: int) -> bytes:
        """Return the bytes of part `n`; refuses a part of another size."""
        data = self._read_part(env, n)
        if len(data) != self.part_size(env, n):
            raise ContainerRefused("PART", f"信封 {env} 第 {n + 1} 个分片长度不符。")
        return data

    def check_header(self) -> None:
        """Refuse a manifest not signed by its own one-time key."""
        if not signing.verify(self.otk_public, self.digest, self.signature, labels.BID_OTK):
            raise ContainerRefused("SIGNATURE", "投标容器的一次性密钥签名无效。")

    def check(self) -> None:
        """Refuse the container unless the signature and every part digest hold; needs no secret."""
        self.check_header()
        for env in ROLES:
            for n, expected in enumerate(self.envelope(env)["parts"]):
                if b64(part_digest(self.part(env, n))) != expected:
                    raise ContainerRefused("PART", f"信封 {env} 第 {n + 1} 个分片摘要不符，内容被改动。")


def part_digest(data: bytes) -> bytes:
    """Return the digest of one part."""
    state = labels.hasher(labels.BID_PART)
    state.update(data)
    return state.digest()


def parts_root(digests: list[bytes]) -> bytes:
    """Return the SM3 Merkle root over part digests, the leaves of RFC 6962."""
    return merkle.root("sm3", [merkle.leaf_hash("sm3", digest) for digest in digests])


def core_envelope(core: dict, env: str) -> dict:
    """Return the row {id, C, own, fall} of one envelope."""
    return core["env"][list(ROLES).index(env)]


def check_secret(core: dict, env: str, secret: int) -> None:
    """Refuse a secret that is not the one committed to by C0: no second secret can exist."""
    if not 0 < secret < shares.N or shares.point_of(secret) != unb64(core_envelope(core, env)["C"][0]):
        raise ContainerRefused("SECRET", f"信封 {env} 的密钥与封标时的承诺点不符。")


def own_secret(core: dict, env: str, cert_private: bytes, device_private: bytes | None = None) -> int:
    """Return the bidder's own secret of an envelope, from the certificate's key and the device's key."""
    row = core_envelope(core, env)
    privates = [cert_private, device_private][: len(row["own"])]
    if None in privates:
        raise ContainerRefused("WRAP", "本文件由证书与设备共同封装，还需要封标时所用设备的密钥。")
    total = 0
    for own, private in zip(row["own"], privates, strict=True):
        total += unwrap(private, unb64(own["blob"]), _binding(core, row, own["kid"]))
    secret = total % shares.N
    check_secret(core, env, secret)
    return secret


def check_fallback_share(core: dict, env: str, index: int, private: bytes) -> int:
    """Return trustee `index`'s share after unwrapping it and checking s_i·G = C0 + i·C1."""
    row = core_envelope(core, env)
    if not 1 <= index <= TRUSTEES:
        raise ContainerRefused("SHARE", "没有这个编号的受托方。")
    fall = row["fall"][index - 1]
    share = unwrap(private, unb64(fall["blob"]), _binding(core, row, fall["kid"]))
    _check_share(row, index, share)
    return share


def secret_of_shares(core: dict, env: str, given: dict[int, int]) -> int:
    """Return the secret rebuilt from at least two trustees' shares; a false share names its trustee."""
    row = core_envelope(core, env)
    for index, share in given.items():
        _check_share(row, index, share)
    if len(given) < THRESHOLD:
        raise ContainerRefused("SHARE", f"至少需要 {THRESHOLD} 个受托方的份额。")
    secret = shares.combine(given)
    check_secret(core, env, secret)
    return secret


def open_envelope(container: Container, env: str, secret: int, out: BinaryIO) -> int:
    """Write the content of an envelope to `out` and return its size in bytes.

    Raises ContainerRefused: SECRET if the secret is not the committed one; CHUNK naming the chunk whose tag fails,
    which under the committed secret proves that the maker malformed it; PADDING if the padding is not plain zeros.
    """
    check_secret(container.core, env, secret)
    row = container.envelope(env)
    padded = plain_size(env, row["size"])
    chunks = -(-padded // CHUNK)
    core = container.core
    cipher = ChunkCipher(secret, container.core_digest, unb64(core["salt"]), core["lot"], env, chunks)
    size = left = None
    for n in range(len(row["parts"])):
        part = container.part(env, n)
        for i, at in enumerate(range(0, len(part), SEALED_CHUNK)):
            counter = n * CHUNKS_PER_PART + i
            plain = cipher.open(counter, part[at : at + SEALED_CHUNK])
            if plain is None:
                raise ContainerRefused("CHUNK", f"信封 {env} 第 {counter + 1} 块校验失败，文件损坏或封装有误。")
            if left is None:
                size = left = struct.unpack(">Q", plain[:8])[0]
                plain = plain[8:]
                if size > padded - 8:
                    raise ContainerRefused("PADDING", f"信封 {env} 声明的长度超过实际长度。")
            content = plain[:left]
            out.write(content)
            left -= len(content)
            if plain.count(0, len(content)) != len(plain) - len(content):
                raise ContainerRefused("PADDING", f"信封 {env} 的填充内容不为零。")
    return size


def parse_manifest(data: bytes) -> dict:
    """Return the manifest after checking every field, size, point and root; the signature is not its business."""
    if len(data) > MAX_MANIFEST:
        raise ContainerRefused("SIZE", "投标容器清单过大。")
    try:
        manifest = decode(data)
    except NotCanonical as error:
        raise ContainerRefused("CANONICAL", "投标容器清单不是规范格式。") from error
    _fields(manifest, "core", "envelopes", "otk")
    _point(manifest["otk"])
    _parse_core(manifest["core"])
    rows = _rows(manifest["envelopes"], len(ROLES))
    for row, (env, role) in zip(rows, ROLES.items(), strict=True):
        _fields(row, "id", "role", "size", "part_size", "parts", "root")
        if row["id"] != env or row["role"] != role or row["part_size"] != PART_SIZE:
            raise ContainerRefused("FIELDS", f"信封 {env} 的编号、用途或分片大小不正确。")
        if type(row["size"]) is not int or row["size"] <= 0:
            raise ContainerRefused("SIZE", f"信封 {env} 的长度不正确。")
        plain_size(env, row["size"])
        digests = [_bytes(item) for item in _rows(row["parts"], -(-row["size"] // SEALED_PART))]
        if parts_root(digests) != _bytes(row["root"]):
            raise ContainerRefused("ROOT", f"信封 {env} 的分片根不符。")
    return manifest


def _parse_core(core) -> None:
    if not isinstance(core, dict) or core.get("suite") != SUITE:
        raise ContainerRefused("SUITE", f"密码套件必须是公告规定的 {SUITE}。")
    _fields(core, "v", "suite", "tender", "lot", "notice_digest", "corrigendum", "salt", "trustees", "level", "env")
    if core["level"] != "N":
        raise ContainerRefused("LEVEL", "保密级别不是本平台支持的 N 级。")
    if not _is(core["v"], 1) or type(core["corrigendum"]) is not int or core["corrigendum"] < 0:
        raise ContainerRefused("FIELDS", "投标容器版本或澄清序号不正确。")
    _text(core["tender"])
    _text(core["lot"])
    _bytes(core["notice_digest"])
    _bytes(core["salt"])
    _fields(core["trustees"], "k", "keys")
    keys = [_text(kid) for kid in _rows(core["trustees"]["keys"], TRUSTEES)]
    if not _is(core["trustees"]["k"], THRESHOLD) or len(set(keys)) != TRUSTEES:
        raise ContainerRefused("FIELDS", "受托方必须是三个不同的密钥，门限为二。")
    points = []
    for row, env in zip(_rows(core["env"], len(ROLES)), ROLES, strict=True):
        _fields(row, "id", "C", "own", "fall")
        if row["id"] != env:
            raise ContainerRefused("FIELDS", f"信封 {env} 的编号不正确。")
        points += [_point(item) for item in _rows(row["C"], THRESHOLD)]
        _parse_wraps(row, keys)
    # One point under two envelopes would let the opening of one open the other.
    if len(set(points)) != len(points):
        raise ContainerRefused("POINT", "不同信封使用了相同的承诺点。")


def _parse_wraps(row: dict, keys: list[str]) -> None:
    own = row["own"]
    if not isinstance(own, list) or not all(isinstance(item, dict) for item in own):
        raise ContainerRefused("FIELDS", "自持密钥封装格式不正确。")
    for item in own:
        _fields(item, "kid", "mode", "blob")
        _text(item["kid"])
        _blob(item["blob"])
    if [item["mode"] for item in own] not in MODES:
        raise ContainerRefused("FIELDS", "自持密钥封装方式不正确。")
    for i, item in enumerate(_rows(row["fall"], TRUSTEES)):
        _fields(item, "kid", "index", "blob")
        _blob(item["blob"])
        if item["kid"] != keys[i] or not _is(item["index"], i + 1):
            raise ContainerRefused("FIELDS", "兜底份额与受托方顺序不符。")


def _check_share(row: dict, index: int, share: int) -> None:
    if not 1 <= index <= TRUSTEES or not shares.check(share, index, [unb64(point) for point in row["C"]]):
        raise ContainerRefused("SHARE", f"受托方 {index} 对信封 {row['id']} 的份额与承诺点不符。")


def _binding(core: dict, row: dict, kid: str) -> bytes:
    return wrap_binding(core["tender"], core["lot"], row["id"], kid, row["C"][0])


def _block(file: BinaryIO, limit: int) -> bytes:
    head = file.read(4)
    size = struct.unpack(">I", head)[0] if len(head) == 4 else limit + 1
    data = file.read(size) if size <= limit else b""
    if size > limit or len(data) != size:
        raise ContainerRefused("FORMAT", "投标容器文件头不完整或超长。")
    return data


def _fields(value, *names: str) -> None:
    if not isinstance(value, dict) or set(value) != set(names):
        raise ContainerRefused("FIELDS", f"投标容器字段应恰为：{'、'.join(names)}。")


def _rows(value, count: int) -> list:
    if not isinstance(value, list) or len(value) != count:
        raise ContainerRefused("FIELDS", f"投标容器某列表应恰有 {count} 项。")
    return value


def _is(value, number: int) -> bool:
    # JSON's true equals 1 in Python, yet would be a second spelling of the field.
    return type(value) is int and value == number


def _text(value) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise ContainerRefused("FIELDS", "投标容器某文本字段为空或过长。")
    return value


def _bytes(value, size: int | None = 32) -> bytes:
    try:
        data = unb64(value)
    except NotCanonical as error:
        raise ContainerRefused("FIELDS", "投标容器某二进制字段编码不正确。") from error
    if size is not None and len(data) != size:
        raise ContainerRefused("FIELDS", f"投标容器某二进制字段应为 {size} 字节。")
    return data


def _blob(value) -> None:
    if not 0 < len(_bytes(value, None)) <= 512:
        raise ContainerRefused("FIELDS", "密钥封装长度不正确。")


def _point(value) -> bytes:
    data = _bytes(value, 65)
    if not signing.is_point(data):
        raise ContainerRefused("POINT", "承诺点或公钥不在曲线上。")
    return data
