"""Stage 4: the main venue and a sub venue in another city confirm seats; one refuses first (场地与要约)."""

from datetime import timedelta

from tools.rehearse.play.scene import Scene, local
from tools.visitor import Visitor

MAIN_CITY, SUB_CITIES = "济南", ("淄博", "青岛")


def play(scene: Scene) -> None:
    with scene.stages.stage("4 场地与要约", 5) as done:
        # Two members sit in the sub venue, the others in the main venue.
        seats = (scene.experts - 2, 2)
        scene.facts["session"] = scene.facts["due"] + timedelta(hours=4, minutes=30)
        scene.main_centre = scene.cast.one("centre", MAIN_CITY)
        _order(scene, SUB_CITIES[0], seats)
        _confirm(scene.main_centre)
        done()
        refusing = scene.cast.one("centre", SUB_CITIES[0])
        refusing.act(_offer(refusing), form="coordination.refuse", reason="当日评标室检修，无法提供席位")
        done()
        _order(scene, SUB_CITIES[1], seats)
        scene.facts["seats"] = {"main": _confirm(scene.main_centre)}
        done()
        scene.sub_centre = scene.cast.one("centre", SUB_CITIES[1])
        scene.stages.must_refuse(
            "席位数不符的确认", lambda: _confirm(scene.sub_centre, fewer=1), rules=("SEATS", "个席位", "席位图")
        )
        done()
        scene.facts["seats"]["sub"] = _confirm(scene.sub_centre)
        scene.stages.remark(f"{SUB_CITIES[0]}拒绝，改由{SUB_CITIES[1]}承接")
        done()


def _order(scene: Scene, city: str, seats: tuple[int, int]) -> None:
    path = f"/coordination/lots/{scene.lot}/order/"
    options = scene.agency.get(path).tree.xpath("//select[@name='sub_venue']/option")
    venue = next(option.get("value") for option in options if city in option.text_content())
    starts = scene.facts["session"]
    scene.agency.act(
        path, starts_at=local(starts), ends_at=local(starts + timedelta(hours=3)), main_seats=seats[0],
        sub_venue=venue, sub_seats=seats[1], contact="陈工", phone="0531-88881234",
    )


def _offer(centre: Visitor) -> str:
    """Return the address of the offer that waits for this centre; an earlier rehearsal may have left stale ones."""
    for link in centre.get("/coordination/").links("/coordination/offers/"):
        if centre.get(link).tree.xpath("//signed-form[@verb='coordination.confirm']"):
            return link
    raise ValueError(f"{centre.certificate.organisation}没有收到待答复的要约")


def _confirm(centre: Visitor, *, fewer: int = 0) -> list[str]:
    """Confirm the proposed seats of the waiting offer; returns the codes shown at the seats."""
    address = _offer(centre)
    proposed = centre.get(address).tree.xpath("//input[@name='seats'][@checked]/@value")
    centre.act(address, form="coordination.confirm", seats=proposed[: len(proposed) - fewer])
    rows = centre.get(address).tree.xpath("//table[.//caption[contains(., '已预留席位')]]//tr[td]")
    return [f"{row[0].text_content().strip()}-{row[2].text_content().strip()}" for row in rows]
