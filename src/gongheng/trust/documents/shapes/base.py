"""What documents of every stage share (公文通用数据)."""

from typing import TypedDict


class Common(TypedDict):
    """What every document carries at its head and foot."""

    issued_at: str  # fixes the printed date and the PDF's own date
    red_head: str  # 红头: the issuing body; "" for none
    document_number: str  # 文号; "" for none
    project_name: str
    project_code: str
    lot_name: str
    lot_code: str
    public_url: str  # page where the document can be checked; becomes the QR code; "" for none


class Contact(TypedDict):
    """One party one can call (联系方式)."""

    role: str  # 招标人 / 招标代理机构 / 监督部门 …
    name: str
    address: str
    person: str
    phone: str


class Signed(TypedDict):
    """One electronic signature as shown on a signature page (电子签名)."""

    role: str
    name: str
    serial: str  # certificate serial number
    at: str


class Chapter(TypedDict):
    title: str
    paragraphs: list[str]


class Candidate(TypedDict):
    rank: str  # 第一名 …
    bidder: str
    price: str
    duration: str
    quality: str
    manager: str  # name and registration number
    total: str


class Rejection(TypedDict):
    bidder: str
    stage: str
    reason: str
    clause: str
