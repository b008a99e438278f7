"""What the identity and the price envelope say once open, with every field checked (信封内容)."""

from . import certs, labels, signing
from .canonical import NotCanonical, decode, unb64
from .container import Container
from .refused import CertificateRefused, ContainerRefused

IDENTITY_FIELDS = frozenset({"certificate", "uscc", "name", "contact", "phone", "guarantee", "hall_nonce"})
PRICE_FIELDS = frozenset({"v", "total_fen", "duration_days", "quality", "manager", "items"})


def inner_message(core_digest: bytes, roots: list[str], otk_public: bytes) -> bytes:
    """Return H(core) ‖ roots of E1, E2, E3 ‖ otk public key, what the bidder's certificate signs inside E0."""
    return core_digest + b"".join(unb64(root) for root in roots) + otk_public


def check_identity(container: Container, plain: bytes) -> dict:
    """Return the identity of an opened E0 after checking the certificate's USCC, its usage and the inner signature.

    Whether the certificate was in force is the caller's question, put to `certs.verify_chain` with the sealing time.
    """
    identity = _object(plain, IDENTITY_FIELDS | {"v", "inner_signature"}, "身份信封")
    chain = identity["certificate"]
    texts = IDENTITY_FIELDS - {"certificate"}
    if not isinstance(chain, list) or not chain or not all(isinstance(identity[name], str) for name in texts):
        raise ContainerRefused("IDENTITY", "身份信封字段类型不正确。")
    try:
        leaf = certs.parse(unb64(chain[0]))
        nonce, signature = unb64(identity["hall_nonce"]), unb64(identity["inner_signature"])
    except (NotCanonical, CertificateRefused) as error:
        raise ContainerRefused("IDENTITY", "身份信封中的证书或签名无法解析。") from error
    if len(nonce) != 32 or leaf.usage != "sign" or leaf.subject.uscc != identity["uscc"]:
        raise ContainerRefused("IDENTITY", "身份信封的统一社会信用代码与签名证书不符，或证书不是签名证书。")
    roots = [container.envelope(env)["root"] for env in ("E1", "E2", "E3")]
    message = inner_message(container.core_digest, roots, container.otk_public)
    if not signing.verify(leaf.public, message, signature, labels.BID_INNER):
        raise ContainerRefused("INNER", "投标文件内层签名无效：内容与投标人签名时不一致。")
    return identity


def check_price(plain: bytes) -> dict:
    """Return the price form of an opened E3: total in 分, duration in days, quality, manager and items."""
    price = _object(plain, PRICE_FIELDS, "报价信封")
    whole = all(type(price[name]) is int and price[name] > 0 for name in ("total_fen", "duration_days"))
    texts = all(isinstance(price[name], str) for name in ("quality", "manager"))
    if not whole or not texts or not isinstance(price["items"], list):
        raise ContainerRefused("PRICE", "报价信封字段类型不正确：总价（分）与工期须为正整数。")
    return price


def _object(plain: bytes, names, what: str) -> dict:
    try:
        value = decode(plain)
    except NotCanonical as error:
        raise ContainerRefused("CANONICAL", f"{what}内容不是规范格式。") from error
    if not isinstance(value, dict) or set(value) != set(names) or type(value["v"]) is not int or value["v"] != 1:
        raise ContainerRefused("FIELDS", f"{what}字段不正确。")
    return value
