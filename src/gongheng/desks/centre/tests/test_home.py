"""The centre's desk shows its own sessions and nobody else's."""

from django.test import RequestFactory

from gongheng.desks.centre import views


def shown(actor) -> str:
    request = RequestFactory().get("/")
    request.actor = actor
    return views.home(request).content.decode()


def test_a_centre_finds_its_sessions_and_the_use_of_its_seats(scene):
    scene.confirmed()
    page = shown(scene.qingdao)
    assert scene.lot.name in page
    assert "席位使用" in page
    assert '"data": [0, 2' in page.replace("&quot;", '"')
    assert scene.lot.name not in shown(scene.outsider)
