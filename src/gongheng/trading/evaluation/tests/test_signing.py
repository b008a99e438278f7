"""C8: a link that is lost for half an hour while the report is signed leaves one signature each and none forged."""

from datetime import timedelta

from gongheng.crypto import canonical
from gongheng.trading.evaluation.actions import reporting
from gongheng.trading.evaluation.models import ReportSignature
from gongheng.trading.evaluation.queries import compute_result, result_digest
from gongheng.trading.evaluation.tests.world import visitor
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.nonces import fresh_nonce

VERB = "evaluation.sign"


def signatures() -> tuple[int, int]:
    return ReportSignature.objects.count(), Entry.objects.filter(verb="report.sign").count()


def test_a_link_lost_while_signing_signs_nothing_twice_and_nothing_late(world):
    members = world.scored()
    evaluation = members[0].evaluation
    evaluation.result = compute_result(evaluation)
    reporting.make_report(
        members[0], opinion="", result=result_digest(evaluation), actor=world.of(members[0]), clock=world.clock
    )
    path = f"/evaluation/{evaluation.pk}/sign/"

    def signed(seat):
        """Sign in the browser; what comes back is the request that goes over the line."""
        now = world.clock.now()
        values = {"document": [evaluation.report.digest], "agrees": ["yes"], "dissent": [""]}
        return values | seat.held.act(VERB, path, fresh_nonce(now), values, at=canonical.timestamp(now))

    first, second = (visitor(world.held[str(member.expert_id)], world.clock) for member in members[:2])
    # The request arrived, its answer was lost: the browser sends the same again, then the expert signs once more.
    sent = signed(first)
    assert first.client.post(path, sent).status_code == 302
    assert signatures() == (1, 1)
    assert "NONCE" in first.client.post(path, sent, follow=True).content.decode()
    first.client.post(path, signed(first))
    assert signatures() == (1, 1)
    # The request itself was lost for half an hour: late it counts for nothing, signed anew it counts once.
    held_up = signed(second)
    world.clock.moment += timedelta(minutes=30)
    assert "ACT-TIME" in second.client.post(path, held_up, follow=True).content.decode()
    assert signatures() == (1, 1)
    assert "签署" in second.text(path)
    second.client.post(path, signed(second))
    assert signatures() == (2, 2)
    # Half an hour of a lost link is not an end of the time for signing; silence becomes agreement only after it.
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.sign_by - world.clock.now()) == ("signing", timedelta(minutes=90))
