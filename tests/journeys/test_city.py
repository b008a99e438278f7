"""Two cities' own venue systems and an agency's trading system carry an order from request to seats, nobody clicks."""

import json
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from config.processes.places import free_port
from gongheng.crypto import canonical
from tests import deployment
from tests.rehearsing import FONTS
from tools.city.client import Exchange, Key, Refused, clock, is_receipt
from tools.rehearse.cast import Cast
from tools.rehearse.play import preparation
from tools.rehearse.play.scene import Scene, workday_at
from tools.rehearse.stages import Stages, until

pytestmark = pytest.mark.instance
NUMBER = re.compile(r"370\d{3}-[TVS]\d{3}")
LOT_CODE = re.compile(r"(?<![0-9A-Z])[A-Z]\d{22}(?!\d)")


@pytest.fixture
def scene(instance, tmp_path):
    """A lot that is filed, and nothing more."""
    made = Scene(
        cast=Cast(instance.origin), stages=Stages(), out=tmp_path, seed="city", bidders=3, experts=5, size_mb=0.1,
        documents=None, fonts=FONTS,
    )
    preparation.register(made)
    yield made
    made.cast.close()


def join(instance, scene, of, kind: str, folder, port: int) -> tuple[str, str]:
    """Make a key, have the provincial centre register the system; return (its number, its page)."""
    folder.mkdir()
    made = instance.command("city", "--new-key", "--key", str(folder / "key.json"))
    assert made.returncode == 0, made.stderr
    page = scene.cast.one("centre", "山东省").act(
        "/exchange/register/", form="exchange.register", uscc=of.certificate.uscc, name=f"{folder.name}系统", kind=kind,
        algorithm="sm2", public_key=made.stdout.strip(), notify_origin=f"http://127.0.0.1:{port}",
    )
    return NUMBER.search(page.text())[0], page.url


@contextmanager
def city(instance, system: str, region: str, folder, port: int):
    """Run a simulated city as a program of its own until the block ends."""
    program = subprocess.Popen(
        [
            sys.executable, "-m", "config.commands", "city", "--platform", instance.origin, "--system", system,
            "--region", region, "--key", str(folder / "key.json"), "--port", str(port),
            "--receipts", str(folder / "receipts"), "--demo-clock", str(instance.var / "demonstration-clock.json"),
        ],
        cwd=deployment.ROOT, env=instance.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    try:
        assert "模拟城市已接入" in program.stdout.readline()
        # Nobody reads on: a full pipe would stop the city.
        threading.Thread(target=lambda: [None for _ in program.stdout], daemon=True).start()
        yield
    finally:
        program.terminate()
        assert program.wait(timeout=30) == 0
        program.stdout.close()


def test_three_systems_agree_on_venues_by_the_interface_alone(instance, scene, tmp_path):
    now = clock(instance.var / "demonstration-clock.json")
    main, sub = scene.cast.one("centre", "济南"), scene.cast.one("centre", "青岛")
    jinan, qingdao, agency = (tmp_path / name for name in ("济南", "青岛", "代理机构"))
    ports = free_port(), free_port()
    (one, _), (other, page) = (
        join(instance, scene, of, "venue", folder, port)
        for of, folder, port in ((main, jinan, ports[0]), (sub, qingdao, ports[1]))
    )
    host, _ = join(instance, scene, scene.agency, "trading", agency, free_port())
    starts = workday_at(scene.now(), 3, 9)
    with (
        Exchange(instance.origin, host, Key.of_file(agency / "key.json"), now=now) as client,
        city(instance, one, "370100", jinan, ports[0]), city(instance, other, "370200", qingdao, ports[1]),
    ):
        lot = LOT_CODE.search(scene.agency.get(f"/projects/lots/{scene.lot}/").text())[0]
        number = client.call("apply", {
            "lot": lot, "starts_at": canonical.timestamp(starts),
            "ends_at": canonical.timestamp(starts + timedelta(hours=3)), "main_seats": 3,
            "sub_venues": [{"region": "370200", "seats": 2}], "contact": "陈工", "phone": "0531-88881234",
        })["number"]

        def state() -> bool:
            return client.call("query", {"number": number})["orders"][0]["state"] == "confirmed"

        until(state, "两个城市的系统确认席位", seconds=60, every=1)
    # Seats that people see, and the same story on the page of the hub.
    assert "全部确认" in scene.agency.get("/coordination/").text()
    assert "已送达，有回执" in scene.cast.one("centre", "山东省").get(page).text()
    kept = [json.loads(path.read_text()) for path in (qingdao / "receipts").iterdir()]
    assert len(kept) >= 3  # where callbacks go, the look at seats, the answer
    assert all(is_receipt(one, client.platform_key) for one in kept)
    _judge(instance, other, qingdao)
    # Shut out, it is out.
    scene.cast.one("centre", "山东省").act(page, form="exchange.revoke", reason="演练结束")
    key = Key.of_file(qingdao / "key.json")
    with Exchange(instance.origin, other, key, now=now) as expelled, pytest.raises(Refused) as caught:
        expelled.call("hall", {})
    assert caught.value.rule == "REVOKED"


def _judge(instance, system: str, folder) -> None:
    """The conformance kit, as a vendor would run it, finds nothing against this platform."""
    judged = instance.command(
        "conformance", "--url", instance.origin, "--system", system, "--key", str(folder / "key.json"),
        "--demo-clock", str(instance.var / "demonstration-clock.json"),
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "共 20 项，通过 20 项" in judged.stdout
