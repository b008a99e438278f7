// What a bidder's browser keeps of each lot (本机投标记录): the sealed bid, and one whose upload is not finished.

import * as vault from "./vault.js";

const sealedName = (lot) => `bid/${lot}`;
const pendingName = (lot) => `pending/${lot}`;

/** { lot, D, otk_private, manifest, promise, promise_signature, receipt|null, sealed_at, files, hall_nonce } or null. */
export const sealedBid = (lot) => vault.get(sealedName(lot));
export const rememberSealed = (bid) => vault.put(sealedName(bid.lot), bid);
export const forgetSealed = (lot) => vault.remove(sealedName(lot));

/** A bid encrypted here and not yet sealed: its ciphertext survives a closed browser, so the upload can go on. */
export async function pendingBid(lot) {
  const bid = await vault.get(pendingName(lot));
  const parts = bid ? await vault.getBlobs(pendingName(lot)) : null;
  return parts ? { ...bid, parts } : null;
}

export async function rememberPending({ parts, ...bid }) {
  // Blobs first: a record without its ciphertext would promise what cannot be kept.
  await vault.putBlobs(pendingName(bid.lot), parts);
  await vault.put(pendingName(bid.lot), bid);
}

export const notePending = ({ parts, ...bid }) => vault.put(pendingName(bid.lot), bid);

export async function forgetPending(lot) {
  await vault.remove(pendingName(lot));
  await vault.removeBlobs(pendingName(lot));
}
