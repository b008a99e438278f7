// Feldman shares (可验证秘密分享): a secret number split so that any k shares rebuild it; twin of crypto/shares.py.

import { N, inverse, modN, pointOf, randomScalar, shareMatches } from "./gm.js";

/** Return { points: commitment points, shares: Map(index → share) }. */
export function split(secret, k, indexes) {
  const coefficients = [secret, ...Array.from({ length: k - 1 }, randomScalar)];
  const shares = new Map();
  for (const index of indexes) {
    const share = coefficients.reduceRight((sum, coefficient) => modN(sum * BigInt(index) + coefficient), 0n);
    // A zero share would be a point at infinity, which no check accepts: draw again (chance 2^-256).
    if (share === 0n) return split(secret, k, indexes);
    shares.set(index, share);
  }
  return { points: coefficients.map(pointOf), shares };
}

export const check = shareMatches;

/** Lagrange at zero over Map(index → share). */
export function combine(shares) {
  let secret = 0n;
  for (const [i, share] of shares) {
    let top = 1n;
    let bottom = 1n;
    for (const j of shares.keys()) {
      if (j === i) continue;
      top = (top * BigInt(j)) % N;
      bottom = modN(bottom * BigInt(j - i));
    }
    secret = modN(secret + share * top * inverse(bottom));
  }
  return secret;
}
