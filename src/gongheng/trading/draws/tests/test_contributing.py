"""The joint seed: closed phases, nothing taken that does not hold, and no way to steer by staying silent."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gongheng.crypto import canonical, drawing, signing
from gongheng.kernel.refusal import Refusal
from gongheng.people.experts.models import Expert
from gongheng.trading.draws import queries, replay, rules, snapshot
from gongheng.trading.draws.actions import ordering
from gongheng.trading.draws.sentences import SENTENCES
from gongheng.trading.draws.tests.parties import row_of, sequence_all
from gongheng.trust.documents import store
from gongheng.trust.evidence.models import Entry


def recomputed(bundle: dict) -> dict:
    """Replay a bundle from its order, pool and contributions alone."""
    pool, order = bundle["pool"], bundle["order"]
    context = drawing.DrawContext(
        bundle["draw_id"], drawing.pool_root(pool["rows"]), drawing.order_digest(order), bundle["attempt"]
    )
    scalars = []
    for one in bundle["contributions"]:
        points = [canonical.unb64(text) for text in one["points"]["points"]]
        drawing.check_points(context, one["party"], points, one["commit"])
        number = int.from_bytes(canonical.unb64(one["number"]), "big")
        drawing.check_reveal(one["party"], points, number)
        scalars.append(number)
    seed = drawing.seed_of(context, scalars)
    lists = {}
    for stratum in order["strata"]:
        rows, kept_out = rules.sift(map(row_of, pool["rows"]), stratum, pool["avoided"])
        assert pool["eligible"][stratum["name"]]["kept_out"] == kept_out
        lists[stratum["name"]] = drawing.order_of(seed, stratum["name"], [(row.pid, 1) for row in rows])
    return {"seed": canonical.b64(seed), "lists": lists, "root": context.pool_root, "order": context.order_digest}


def test_three_parties_make_one_seed_and_an_outsider_recomputes_the_lists(table):
    draw = table.drawn()
    bundle = canonical.decode(canonical.encode(replay.replay_bundle(draw)))
    assert recomputed(bundle) == {
        "seed": bundle["seed"], "lists": bundle["lists"], "root": draw.pool_root, "order": draw.order_digest,
    }
    assert draw.state == "filling"
    assert draw.picks.filter(state="invited").count() == 5
    logged = Entry.objects.get(verb="draw.draw")
    assert bundle["result"] in bytes(logged.body).decode()
    for one in bundle["contributions"]:
        for kept in one["messages"].values():
            party = table.parties[one["party"] - 1]
            assert signing.verify(
                bytes(party.certificate.public_key),
                canonical.unb64(kept["message"]),
                canonical.unb64(kept["signature"]),
                "ggzy/draw-party/v1",
            )


def test_shares_wait_until_every_commitment_is_under_a_published_head(table):
    draw = table.approved()
    first, second, third = table.parties
    clock = table.scene.clock
    first.commit(draw, clock)
    second.commit(draw, clock)
    assert queries.party_state(draw, clock.now())["phase"] == "commit"
    third.commit(draw, clock)
    assert queries.party_state(draw, clock.now())["phase"] == "commit"
    entries = Entry.objects.count()
    with pytest.raises(Refusal, match="DRAW-PHASE"):
        first.points(draw, clock)
    assert Entry.objects.count() == entries
    sequence_all()
    assert queries.party_state(draw, clock.now())["phase"] == "points"
    first.points(draw, clock)
    assert draw.state == "sharing"


def test_a_silent_party_is_rebuilt_by_the_others_and_the_result_is_the_same(table):
    draw = table.shared()
    clock = table.scene.clock
    assert queries.party_state(draw, clock.now())["phase"] == "reveal"
    for party in table.parties[:2]:
        party.reveal(draw, clock)
    with pytest.raises(Refusal, match="DRAW-PHASE"):
        table.parties[0].rebuild(draw, clock)
    clock.advance_to(draw.reveal_by)
    state = queries.party_state(draw, clock.now())
    assert (state["phase"], state["missing"]) == ("rebuild", [3])
    table.parties[0].rebuild(draw, clock)
    assert draw.state == "revealing"
    table.parties[1].rebuild(draw, clock)
    assert draw.state == "filling"
    expected = drawing.seed_of(queries.context_of(draw), [party.contribution.r for party in table.parties])
    assert bytes(draw.seed) == expected
    assert draw.contributions.get(party=3).is_rebuilt
    assert Entry.objects.filter(verb="draws.rebuilt").count() == 1


def test_a_late_number_counts_as_well_as_a_rebuilt_one(table):
    draw = table.shared()
    clock = table.scene.clock
    for party in table.parties[:2]:
        party.reveal(draw, clock)
    clock.advance_to(draw.reveal_by + timedelta(minutes=5))
    table.parties[2].reveal(draw, clock)
    assert draw.state == "filling"


def test_garbage_changes_nothing(table):
    draw = table.shared()
    clock = table.scene.clock
    first, second, _ = table.parties
    entries = Entry.objects.count()
    attempts = (
        (lambda: first.reveal(draw, clock, number=first.contribution.r + 1), "REVEAL"),
        (lambda: first.send(draw, clock, phase="reveal", r="AA"), "DRAW-MESSAGE"),
        (lambda: first.send(draw, clock, phase="reveal", r=5), "DRAW-MESSAGE"),
        (lambda: first.send(draw, clock, phase="reveal", r="AA", extra=1), "DRAW-MESSAGE"),
        (lambda: first.send(draw, clock, phase="reveal", r="AA", attempt=2), "DRAW-MESSAGE"),
        (lambda: first.commit(draw, clock), "DRAW-PHASE"),
        (lambda: first.points(draw, clock), "DRAW-PHASE"),
        (lambda: first.reveal(draw, clock) and first.reveal(draw, clock), "TWICE"),
        (lambda: second.send(draw, clock, private=first.sign_private, phase="reveal", r="AA"), "DRAW-SIGNATURE"),
        (lambda: second.send(draw, clock, actor=table.scene.outsider, phase="reveal", r="AA"), "PARTY"),
    )
    for attempt, rule in attempts:
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.rule == rule
    assert Entry.objects.count() == entries + 1  # the one true reveal


def test_points_other_than_the_committed_ones_are_refused(table):
    draw = table.committed()
    first, other = table.parties[0], drawing.Contribution.make(1, 3)
    with pytest.raises(Refusal, match="COMMIT"):
        first.points(draw, table.scene.clock, points=[canonical.b64(one) for one in other.points])
    draw.refresh_from_db()
    assert draw.state == "committing"


def test_a_share_that_does_not_fit_aborts_the_attempt_before_anything_is_known(table):
    draw = table.committed()
    for party in table.parties:
        party.points(draw, table.scene.clock)
    table.parties[0].acknowledge(draw, table.scene.clock, refused=[3])
    draw.refresh_from_db()
    assert (draw.state, draw.seed) == ("aborted", None)
    assert "参与方 3" in draw.ended_because
    again = table.order(reason="上一次因份额不符中止")
    assert again.attempt == 2


def test_a_colleague_cannot_take_over_a_party_midway(table):
    draw = table.committed()
    first = table.parties[0]
    colleague = replace(first.actor, id="someone-else")
    with pytest.raises(Refusal, match="PARTY"):
        first.send(draw, table.scene.clock, actor=colleague, phase="points", points=[], shares={})


def test_a_pool_edited_after_its_root_is_found(table):
    draw = table.drawn()
    bundle = replay.replay_bundle(draw)
    for edit in (
        lambda rows: rows.pop(), lambda rows: rows[0]["attributes"].update(city="000000"),
        lambda rows: rows[1].update(weight=2),
    ):
        rows = json.loads(json.dumps(bundle["pool"]["rows"]))
        edit(rows)
        assert drawing.pool_root(rows) != draw.pool_root
    path = store.path(draw.pool_file)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(ValueError, match="changed"):
        snapshot.read(draw)


def test_the_stored_snapshot_gives_away_nothing_without_the_key(table):
    draw = table.approved()
    assert b"370100" not in store.path(draw.pool_file).read_bytes()


def test_entries_never_name_an_expert(table):
    table.complete()
    secrets = [str(value) for pair in Expert.objects.values_list("pk", "person") for value in pair]
    logged = b"\n".join(bytes(body) for body in Entry.objects.values_list("body", flat=True)).decode()
    assert not any(secret in logged for secret in secrets)
    verbs = set(Entry.objects.filter(verb__regex="^(draw|draws|pick)[.]").values_list("verb", flat=True))
    assert {"draws.commit", "pick.accept", "draw.complete"} <= verbs <= set(SENTENCES)


def test_only_a_party_aborts_and_not_after_the_shares_are_out(table):
    draw = table.shared()
    for actor, rule in ((table.scene.outsider, "PARTY"), (table.parties[0].actor, "STATE")):
        with pytest.raises(Refusal, match=rule):
            ordering.abort_draw(draw, reason="再来一次", actor=actor, clock=table.scene.clock)
