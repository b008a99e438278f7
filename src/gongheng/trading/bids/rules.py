"""What makes a sealed bid acceptable, decided from bytes and moments alone (封标规则)."""

from datetime import datetime

from gongheng.crypto import canonical
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal

#: What stands where a key id would: a real one would name the bidder to a thief of the phase key.
OWN_KIDS = (["cert"], ["cert", "device"])
#: An envelope of 2 GiB is more than any line of a bidder carries in a day.
LARGEST_ENVELOPE = 2 * 2**30


def too_late(now: datetime, due_at: datetime, closed_at: datetime | None) -> Refusal | None:
    """20号令: not complete at the deadline counts as withdrawn; the deadline instant itself is too late."""
    if closed_at is None and now < due_at:
        return None
    return Refusal("LATE", f"投标截止时间（{due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}）已到，不再接收投标。")


def mismatch(
    core: dict, *, tender: str, lot: str, notice_digest: bytes, corrigendum: int, trustee_kids: list[str]
) -> Refusal | None:
    """Refuse a container that was not made for this lot as it stands now."""
    if core["tender"] != tender or core["lot"] != lot:
        return Refusal("LOT", "投标文件不是为本标段封装的，请在本标段页面重新封标。")
    if core["notice_digest"] != canonical.b64(notice_digest) or core["corrigendum"] != corrigendum:
        return Refusal("VERSION", "招标文件已有新的澄清修改，请按最新版本重新封标。")
    if core["trustees"]["keys"] != trustee_kids:
        return Refusal("TRUSTEES", "投标文件使用的受托人密钥与本标段不符，请重新封标。")
    for row in core["env"]:
        if [own["kid"] for own in row["own"]] not in OWN_KIDS:
            return Refusal("KID", "投标文件的密钥标识会泄露投标人身份，请使用平台的封标工具重新封标。")
    return None
