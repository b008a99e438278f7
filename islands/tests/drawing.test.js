// Three parties in one room: the whole protocol, each cheat, and the Python twin as the judge.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { randomBytes } from "../lib/bytes.js";
import { b64 } from "../lib/canonical.js";
import { DrawRefused, rebuild } from "../lib/drawing.js";
import { begin, checkReveals, nextMessage } from "../lib/drawparty.js";
import { generate } from "../lib/gm.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const python = join(root, ".venv", "bin", "python");

function room() {
  const keys = [null, generate(), generate(), generate()];
  const state = {
    draw_id: "D-1", pool_root: b64(randomBytes(32)), order_digest: b64(randomBytes(32)), attempt: 1, phase: "commit",
    parties: [1, 2, 3].map((index) => ({ index, name: `P${index}`, enc_public: b64(keys[index].public) })),
    commits: {}, points: {}, acknowledged: {}, reveals: {}, rebuilds: {}, missing: [],
  };
  const memories = [null, ...[1, 2, 3].map((party) => begin(state, party))];
  const next = (party) => nextMessage(state, party, memories[party], { enc: keys[party].private });
  const deliver = (party) => {
    const message = next(party);
    if (message?.phase === "commit") state.commits[party] = message.commit;
    if (message?.phase === "points") state.points[party] = { points: message.points, shares: message.shares };
    if (message?.phase === "acknowledge") state.acknowledged[party] = message;
    if (message?.phase === "reveal") state.reveals[party] = message.r;
    if (message?.phase === "rebuild") state.rebuilds[party] = message.shares;
    return message;
  };
  const all = () => [1, 2, 3].map(deliver);
  return { state, keys, memories, next, deliver, all };
}

function upToReveal() {
  const made = room();
  made.all();
  made.state.phase = "points";
  made.all();
  made.all();
  made.state.phase = "reveal";
  return made;
}

test("an honest draw goes through its three phases, each step once", () => {
  const { state, all, next } = upToReveal();
  for (const party of [1, 2, 3]) assert.deepEqual([state.acknowledged[party].accepted.length, state.acknowledged[party].refused], [2, []]);
  assert.deepEqual(all().map(({ phase }) => phase), ["reveal", "reveal", "reveal"]);
  assert.deepEqual([1, 2, 3].map(next), [null, null, null]);
  assert.deepEqual(checkReveals(state), [1, 2, 3]);
});

test("no points before all commitments, no reveal before all points", () => {
  const { state, deliver, next, all } = room();
  deliver(1);
  state.phase = "points";
  assert.equal(next(1), null);
  state.phase = "commit";
  all();
  state.phase = "points";
  deliver(1);
  state.phase = "reveal";
  assert.throws(() => next(1), /抽取方 2 尚未公布/);
  assert.throws(() => next(2), /没有见证承诺阶段/);
});

test("a share that was altered or swapped is refused by its receiver, who then keeps silent", () => {
  const { state, all, deliver, next } = room();
  all();
  state.phase = "points";
  all();
  state.points[3].shares[1] = state.points[3].shares[2];
  assert.deepEqual(deliver(1), { phase: "acknowledge", accepted: [2], refused: [3] });
  state.phase = "reveal";
  assert.throws(() => next(1), /抽取方 3/);
});

test("points exchanged after the commitment are refused", () => {
  const { state, next } = upToReveal();
  state.points[2] = { ...state.points[2], points: state.points[3].points };
  assert.throws(() => next(1), /抽取方 2/);
});

test("a commitment, a pool or an order changed afterwards stops the party", () => {
  for (const change of [(s) => (s.commits[2] = s.commits[3]), (s) => (s.pool_root = s.order_digest), (s) => (s.attempt = 2)]) {
    const { state, next } = upToReveal();
    change(state);
    assert.throws(() => next(1), DrawRefused);
  }
});

test("a silent party's number is rebuilt by the two others", () => {
  const { state, deliver, memories } = upToReveal();
  deliver(1);
  deliver(2);
  Object.assign(state, { phase: "rebuild", missing: [3] });
  deliver(1);
  deliver(2);
  assert.equal(deliver(3), null);
  const held = { 1: state.rebuilds[1][3], 2: state.rebuilds[2][3] };
  assert.equal(rebuild(3, state.points[3].points, held), memories[3].contribution.r);
  assert.throws(() => rebuild(3, state.points[3].points, { 1: held[1], 2: held[1] }), DrawRefused);
});

test("a wrong number revealed is named", () => {
  const { state, all } = upToReveal();
  all();
  state.reveals[2] = state.reveals[1];
  assert.throws(() => checkReveals(state), /抽取方 2/);
});

test("the Python twin accepts every message of the draw", { skip: existsSync(python) ? false : "no .venv: run make setup" }, () => {
  const { state, keys, all } = upToReveal();
  all();
  const answer = spawnSync(python, [fileURLToPath(new URL("./drawing_oracle.py", import.meta.url))], {
    input: JSON.stringify({ ...state, privates: Object.fromEntries([1, 2, 3].map((i) => [i, b64(keys[i].private)])) }),
    encoding: "utf8", env: { ...process.env, PYTHONPATH: join(root, "src") },
  });
  assert.equal(answer.status, 0, answer.stderr);
  assert.equal(answer.stdout, "accepted 6 shares");
});
