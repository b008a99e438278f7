// Domain-separation labels (域分隔标签) that the browser uses; the whole registry is crypto/labels.py.

import { concat, utf8 } from "./bytes.js";

export const BID_CORE = "ggzy/bid-core/v1";
export const BID_MANIFEST = "ggzy/bid-manifest/v1";
export const BID_PART = "ggzy/bid-part/v1";
export const BID_OTK = "ggzy/bid-otk/v1";
export const BID_INNER = "ggzy/bid-inner/v1";
export const WRAP = "ggzy/wrap/v1";
export const ENVELOPE_KEY = "ggzy/envelope-key/v1";
export const SEAL = "ggzy/seal/v1";
export const KEY = "ggzy/key/v1";
export const LOGIN = "ggzy/login/v1";
export const ACT = "ggzy/act/v1";
export const FILE = "ggzy/file/v1";
export const DRAW_COMMIT = "ggzy/draw-commit/v1";
export const DRAW_WRAP = "ggzy/draw-wrap/v1";
export const DRAW_PARTY = "ggzy/draw-party/v1";
export const MEETING_JOIN = "ggzy/meeting-join/v1";
export const RECORDING = "ggzy/recording/v1";

const KNOWN = new Set([
  BID_CORE, BID_MANIFEST, BID_PART, BID_OTK, BID_INNER, WRAP, ENVELOPE_KEY, SEAL, KEY, LOGIN, ACT, FILE,
  DRAW_COMMIT, DRAW_WRAP, DRAW_PARTY, MEETING_JOIN, RECORDING,
]);

/** The bytes before those to hash or sign: label ‖ 0x0A. */
export function prefix(label) {
  if (!KNOWN.has(label)) throw new RangeError(`unknown label ${label}`);
  return utf8(`${label}\n`);
}

export const labelled = (label, data) => concat(prefix(label), data);
