"""Stage 4: the main venue confirms, a sub venue refuses and the hub passes its offer on (场地与要约)."""

from datetime import timedelta

from tools.rehearse.play.scene import Scene, local
from tools.visitor import Visitor

MAIN_CITY, FIRST_ASKED, LAST_RESORT = "济南", "淄博", "青岛"
#: Cities of the demonstration where enough experts live that a draw for two seats cannot be guessed.
WITH_EXPERTS = ("青岛", "烟台", "潍坊", "济宁", "临沂", "德州", "聊城", "菏泽")
TRIES = 5


def play(scene: Scene) -> None:
    with scene.stages.stage("4 场地与要约", 3) as done:
        scene.facts["session"] = scene.facts["due"] + timedelta(hours=4, minutes=30)
        scene.main_centre = scene.cast.one("centre", MAIN_CITY)
        city = pass_on(scene, FIRST_ASKED, LAST_RESORT)
        done()
        scene.stages.must_refuse(
            "席位数不符的确认", lambda: _confirm(scene, scene.sub_centre, fewer=1), rules=("SEATS", "个席位", "席位图")
        )
        done()
        confirm_sub_venue(scene)
        scene.stages.remark(f"{FIRST_ASKED}拒绝，按副场选择规则改由{city}承接")
        done()


def settle(scene: Scene, city: str) -> None:
    """Order the venues of a session and have both confirm."""
    scene.facts["order"] = _order(scene, city)
    _confirm(scene, scene.main_centre)
    scene.sub_centre = scene.cast.one("centre", city)
    confirm_sub_venue(scene)


def pass_on(scene: Scene, city: str, last_resort: str) -> str:
    """Let the first sub venue refuse and return the city that the hub passes the offer on to.

    When nobody on its list is able, the order fails and the host asks the last resort himself.
    """
    scene.facts["order"] = _order(scene, city)
    _confirm(scene, scene.main_centre)
    _refuse(scene, scene.cast.one("centre", city), "当日评标室检修，无法提供席位")
    found = _next_city(scene, scene.facts["order"])
    if found is None:
        scene.facts["order"] = _order(scene, found := last_resort)
        _confirm(scene, scene.main_centre)
    scene.sub_centre = scene.cast.one("centre", found)
    return found


def confirm_sub_venue(scene: Scene) -> None:
    """Let the sub venue confirm; with it the order is complete."""
    _confirm(scene, scene.sub_centre)
    if "全部确认" not in scene.agency.get(scene.facts["order"]).text():
        raise ValueError("全部会场已确认，要约单却没有落实")


def _order(scene: Scene, city: str) -> str:
    """Order venues and return the address of the order: two members sit in the sub venue, the others in the main."""
    path = f"/coordination/lots/{scene.lot}/order/"
    options = scene.agency.get(path).tree.xpath("//select[@name='sub_venue']/option")
    venue = next(option.get("value") for option in options if city in option.text_content())
    starts = scene.facts["session"]
    page = scene.agency.act(
        path, starts_at=local(starts), ends_at=local(starts + timedelta(hours=3)), main_seats=scene.experts - 2,
        sub_venue=venue, sub_seats=2, reroute_limit=TRIES, contact="陈工", phone="0531-88881234",
    )
    return page.url


def _next_city(scene: Scene, order: str) -> str | None:
    """Return the city that the hub chose; one without experts enough declines, None when nobody is left."""
    while True:
        rows = scene.agency.get(order).tree.xpath("//table[.//caption[contains(., '会场及答复')]]//tbody/tr")
        cells = [[cell.text_content().strip() for cell in row.xpath("td")] for row in rows]
        asked = next((cell[1] for cell in cells if cell[0] == "副场" and cell[3] == "待答复"), None)
        if asked is None or asked.startswith(WITH_EXPERTS):
            return asked and asked[:2]
        _refuse(scene, scene.cast.one("centre", asked[:2]), "本地相应专业的评标专家不足")


def _refuse(scene: Scene, centre: Visitor, reason: str) -> None:
    centre.act(_offer(centre), form="coordination.refuse", reason=reason)
    scene.answers["refused"] += 1


def _offer(centre: Visitor) -> str:
    """Return the address of the offer that waits for this centre; an earlier rehearsal may have left stale ones."""
    for link in centre.get("/coordination/").links("/coordination/offers/"):
        if centre.get(link).tree.xpath("//signed-form[@verb='coordination.confirm']"):
            return link
    raise ValueError(f"{centre.certificate.organisation}没有收到待答复的要约")


def _confirm(scene: Scene, centre: Visitor, *, fewer: int = 0) -> None:
    """Confirm the proposed seats of the waiting offer."""
    address = _offer(centre)
    proposed = centre.get(address).tree.xpath("//input[@name='seats'][@checked]/@value")
    centre.act(address, form="coordination.confirm", seats=proposed[: len(proposed) - fewer])
    scene.answers["confirmed"] += 1
