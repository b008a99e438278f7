"""What registration asks of an organisation and of who verifies it; no database."""

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
