// What a party to a draw does next (抽取方的下一步), decided from the platform's state and what this browser remembers.
// Pure: no page, no network. The platform only carries messages; every check that protects the party happens here.

import * as drawing from "./drawing.js";
import { unb64 } from "./canonical.js";

export const PHASES = ["commit", "points", "reveal"];

const everyone = (state) => state.parties.map(({ index }) => index);
const others = (state, party) => everyone(state).filter((index) => index !== party);
const context = ({ draw_id, pool_root, order_digest, attempt }) => ({ draw_id, pool_root, order_digest, attempt });

/** The name under which the contribution of one attempt is remembered: a new attempt never reuses an old number. */
export const memoryName = (state, party) => `draw/${state.draw_id}/${state.attempt}/${party}`;

/** Fresh memory of one attempt, fixed to the pool and the order that were shown when it was made. */
export const begin = (state, party) => ({ context: context(state), contribution: drawing.makeContribution(party, state.parties.length), commits: null });

function requireSameDraw(state, memory) {
  const now = context(state);
  // A pool or an order exchanged after the commitment would be drawn with our number without our consent.
  if (Object.keys(now).some((name) => now[name] !== memory.context[name])) {
    throw new drawing.DrawRefused("抽取的名单或条件在承诺之后被更改，已停止参与本次抽取。");
  }
}

function requireSameCommits(state, memory) {
  if (everyone(state).some((index) => state.commits[index] !== memory.commits[index])) {
    throw new drawing.DrawRefused("有抽取方的承诺在公布后被更改，已停止参与本次抽取。");
  }
}

function checkOthers(state, party, memory, key) {
  requireSameCommits(state, memory);
  const accepted = [];
  const refused = [];
  const reasons = [];
  for (const sender of others(state, party)) {
    try {
      if (!state.points[sender]) throw new drawing.DrawRefused(`抽取方 ${sender} 尚未公布承诺点。`);
      const { points, shares } = state.points[sender];
      drawing.checkPoints(memory.context, sender, points, memory.commits[sender]);
      drawing.receiveShare(memory.context, sender, party, points, shares[party] ?? "", key.enc);
      accepted.push(sender);
    } catch (error) {
      if (!(error instanceof drawing.DrawRefused)) throw error;
      refused.push(sender);
      reasons.push(error.message);
    }
  }
  return { accepted, refused, reasons };
}

/**
 * Return the next message { phase, …body } to sign and send, or null when it is the others' turn.
 * `memory.commits` is filled the first time that all commitments are seen; the caller keeps memory after each call.
 */
export function nextMessage(state, party, memory, key) {
  requireSameDraw(state, memory);
  const { contribution } = memory;
  const mine = drawing.commitDigest(memory.context, party, contribution.points);
  const has = (list, index) => list?.[index] !== undefined;
  if (state.phase === "commit" && !has(state.commits, party)) return { phase: "commit", commit: mine };
  if (state.phase === "points") {
    if (!everyone(state).every((index) => has(state.commits, index))) return null;
    if (state.commits[party] !== mine) throw new drawing.DrawRefused("平台上登记的承诺不是本机作出的承诺，已停止参与本次抽取。");
    memory.commits ??= { ...state.commits };
    requireSameCommits(state, memory);
    if (!has(state.points, party)) {
      const publics = Object.fromEntries(state.parties.map(({ index, enc_public: key_ }) => [index, unb64(key_)]));
      return { phase: "points", points: contribution.points, shares: drawing.wrapShares(memory.context, party, contribution, publics) };
    }
    if (!everyone(state).every((index) => has(state.points, index)) || has(state.acknowledged, party)) return null;
    const { accepted, refused } = checkOthers(state, party, memory, key);
    return { phase: "acknowledge", accepted, refused };
  }
  if (state.phase === "reveal" && !has(state.reveals, party)) {
    if (!memory.commits) throw new drawing.DrawRefused("本机没有见证承诺阶段，不能揭示随机数；请由其他抽取方代为重建。");
    // Revealing is the last word: nobody's number may still be open to choice at this moment.
    const { reasons } = checkOthers(state, party, memory, key);
    if (reasons.length > 0) throw new drawing.DrawRefused(reasons.join(""));
    return { phase: "reveal", r: contribution.r };
  }
  if (state.phase === "rebuild" && !has(state.rebuilds, party) && !state.missing.includes(party)) {
    const { reasons } = checkOthers(state, party, memory, key);
    if (reasons.length > 0) throw new drawing.DrawRefused(reasons.join(""));
    const share = (sender) => drawing.receiveShare(memory.context, sender, party, state.points[sender].points, state.points[sender].shares[party], key.enc);
    return { phase: "rebuild", shares: Object.fromEntries(state.missing.map((sender) => [sender, share(sender)])) };
  }
  return null;
}

/** Check what the others revealed; returns the numbers of the parties whose number is known and right. */
export function checkReveals(state) {
  const right = [];
  for (const index of everyone(state)) {
    if (state.reveals?.[index] === undefined) continue;
    drawing.checkReveal(index, state.points[index].points, state.reveals[index]);
    right.push(index);
  }
  return right;
}
