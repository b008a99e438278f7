// A party's part in the joint seed of an expert draw (专家抽取随机数贡献); twin of crypto/drawing.py.
// context = { draw_id, pool_root, order_digest, attempt }; parties are numbered from 1.

import { bytesOf, concat, equal, integerOf } from "./bytes.js";
import { b64, encode, unb64 } from "./canonical.js";
import { N, decrypt, digest, encrypt, point, pointOf, randomScalar } from "./gm.js";
import { DRAW_COMMIT, DRAW_WRAP } from "./labels.js";
import { check, combine, split } from "./shares.js";

const THRESHOLD = 2;

/** Raised when another party's message does not hold; names the party. */
export class DrawRefused extends Error {}

const fields = (context) => [context.draw_id, context.pool_root, context.order_digest, context.attempt];

/** Draw a fresh scalar: { r, points, shares } in text form, ready to be remembered. */
export function makeContribution(party, parties) {
  const others = Array.from({ length: parties }, (_, i) => i + 1).filter((index) => index !== party);
  const r = randomScalar();
  const made = split(r, THRESHOLD, others);
  return {
    r: b64(bytesOf(r, 32)),
    points: made.points.map(b64),
    shares: Object.fromEntries([...made.shares].map(([index, share]) => [index, b64(bytesOf(share, 32))])),
  };
}

export const commitDigest = (context, party, points) => b64(digest(DRAW_COMMIT, encode([...fields(context), party, points])));

const shareBinding = (context, sender, receiver, points) => digest(DRAW_WRAP, encode([...fields(context), sender, receiver, points[0]]));

/** Wrap the shares for the other parties: publics = { index: public key bytes }. */
export function wrapShares(context, party, contribution, publics) {
  return Object.fromEntries(
    Object.entries(contribution.shares).map(([index, share]) => {
      const binding = shareBinding(context, party, Number(index), contribution.points);
      return [index, b64(encrypt(publics[index], concat(unb64(share), binding)))];
    }),
  );
}

/** Refuse points that are not the ones committed to in the first phase. */
export function checkPoints(context, party, points, commit) {
  if (points.length !== THRESHOLD || commitDigest(context, party, points) !== commit) {
    throw new DrawRefused(`抽取方 ${party} 公布的承诺点与其先前承诺不符。`);
  }
  try {
    points.forEach((text) => point(unb64(text)));
  } catch {
    throw new DrawRefused(`抽取方 ${party} 公布的承诺点不在曲线上。`);
  }
}

/** Unwrap and check the share that `sender` made for `receiver`; returns it as base64url. */
export function receiveShare(context, sender, receiver, points, blob, privateKey) {
  let plain;
  try {
    plain = decrypt(privateKey, unb64(blob));
  } catch {
    throw new DrawRefused(`抽取方 ${sender} 发给抽取方 ${receiver} 的份额无法解开。`);
  }
  const isBound = plain.length === 64 && equal(plain.subarray(32), shareBinding(context, sender, receiver, points));
  if (!isBound || !check(integerOf(plain.subarray(0, 32)), receiver, points.map(unb64))) {
    throw new DrawRefused(`抽取方 ${sender} 发给抽取方 ${receiver} 的份额与承诺点不符。`);
  }
  return b64(plain.subarray(0, 32));
}

/** Refuse a revealed scalar that is not the one committed to. */
export function checkReveal(party, points, r) {
  const scalar = integerOf(unb64(r));
  if (scalar === 0n || scalar >= N || b64(pointOf(scalar)) !== points[0]) throw new DrawRefused(`抽取方 ${party} 揭示的随机数与承诺不符。`);
}

/** Rebuild the scalar of a silent party from { receiver: share }. */
export function rebuild(party, points, held) {
  const r = b64(bytesOf(combine(new Map(Object.entries(held).map(([index, share]) => [Number(index), integerOf(unb64(share))]))), 32));
  checkReveal(party, points, r);
  return r;
}
