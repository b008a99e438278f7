"""The program of a seat vouches for browsers of its own machine, to its own platform, and for its own seat."""

import http.client
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gongheng.crypto import canonical, labels, signing
from tools.seat_agent import vouching

ASKED = {"agent": "a1", "nonce": "bm9uY2U", "until": "2026-03-02T01:00:00Z", "back": "/evaluation/x/"}
SEAT = {"agent": "a1", "centre": "济南", "room": "混一", "number": "01"}


@pytest.fixture(scope="module")
def key():
    return signing.generate()


@pytest.mark.parametrize("change", [
    {"agent": "a2"}, {"back": "//evil.test/"}, {"back": "https://evil.test/"}, {"back": "/x?y=//evil"}, {"more": "1"},
])
def test_what_was_not_asked_of_this_seat_gets_no_proof(key, change):
    assert vouching.way_back("https://hub.test", key[0], "a1", urlencode(ASKED | change)) is None


def test_a_browser_of_this_machine_is_sent_back_with_a_proof(key):
    private, public = key
    server = vouching.serve("https://hub.test/", private, SEAT, port=0)
    try:
        port = server.server_address[1]
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        link.request("GET", f"/?{urlencode(ASKED)}")
        answer = link.getresponse()
        assert (answer.status, answer.read()) == (303, b"")
        address = urlsplit(answer.headers["Location"])
        assert (address.netloc, address.path) == ("hub.test", "/evaluation/x/")
        body, signature = map(canonical.unb64, parse_qs(address.query)["proof"][0].split("."))
        assert signing.verify(public, body, signature, labels.SEAT_LOGIN)
        assert canonical.decode(body) == {"v": 1, "agent": "a1", "nonce": "bm9uY2U", "until": ASKED["until"]}
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        link.request("GET", f"/?{urlencode(ASKED)}", headers={"Host": f"evil.test:{port}"})
        refused = link.getresponse()
        assert (refused.status, "不是系统为您抽取的席位" in refused.read().decode()) == (403, True)
    finally:
        server.shutdown()
        server.server_close()
