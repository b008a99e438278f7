"""What registration asks of an organisation and of who verifies it; no database."""

from collections.abc import Iterable

from gongheng.kernel.numbers import check_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import HOME_PROVINCE, region
from gongheng.kernel.roles import Role

#: The roles that an organisation may ask for itself; the others are opened by the public bodies.
REQUESTED = (Role.TENDERER, Role.AGENCY, Role.BIDDER)


def check_certificate(uscc: str, organisation: str) -> str:
    """Return the code that an organisation's certificate carries; raise Refusal "CERT-PARTY" when it has none."""
    if not uscc or not organisation:
        raise Refusal(
            "CERT-PARTY", "该证书未载明单位名称和统一社会信用代码，请使用本单位的机构证书登记。", "certificate"
        )
    return check_uscc(uscc, "certificate")


def check_roles(roles: list[str]) -> list[str]:
    """Return the wanted roles in the order of the table; refuse none at all and any other."""
    wanted = [str(role) for role in REQUESTED if role in roles]
    if not wanted or len(wanted) != len(set(roles)):
        raise Refusal("PARTY-ROLE", "请至少选择招标人、招标代理机构、投标人中的一个身份。", "roles")
    return wanted


def check_competence(centre_region: str, organisation_region: str) -> None:
    """A city's centre verifies the organisations of its city, the provincial centre all."""
    if centre_region != HOME_PROVINCE and centre_region[:4] != organisation_region[:4]:
        city = region(organisation_region[:4] + "00").name if organisation_region[4:] != "0000" else "省级"
        raise Refusal("PARTY-REGION", f"该单位属于{city}，应由该市或省级交易中心核验。")


def group_of(usccs: Iterable[str], controls: Iterable[tuple[str, str]]) -> set[str]:
    """Return the organisations with all that belong to one of their groups (关联企业).

    ``controls`` holds (upper, lower). A group is everything that control joins, up and down. A public body
    joins nothing: firms are not related merely because the State owns them (公司法第二百六十五条).
    """
    beside: dict[str, set[str]] = {}
    for upper, lower in controls:
        beside.setdefault(upper, set()).add(lower)
        beside.setdefault(lower, set()).add(upper)
    found = set(usccs)
    waiting = list(found)
    while waiting:
        one = waiting.pop()
        near = set() if is_public_body(one) else beside.get(one, set())
        waiting += near - found
        found |= near
    return found


def is_public_body(uscc: str) -> bool:
    """Say whether a code was given by the office for public establishments (机构编制, first digit 1)."""
    return uscc.startswith("1")


def check_control(own: str, other: str) -> str:
    """Return the other's code, valid and not one's own. Raises Refusal USCC, CONTROL."""
    code = check_uscc(other, "other_uscc")
    if code == own:
        raise Refusal("CONTROL", "不能与本单位自身登记控股、管理关系。", "other_uscc")
    return code
