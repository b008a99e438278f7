// Uploading a sealed bid part by part (分片上传): four at a time, each repeated until it is there, resumable at any point.

import { b64 } from "../lib/canonical.js";
import { digest } from "../lib/gm.js";
import * as http from "../lib/http.js";
import { BID_PART } from "../lib/labels.js";

const PARALLEL = 4;
const TRIES = 8;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const isPassing = (error) => error instanceof http.Unreachable || error.status >= 500 || error.status === 429 || error.status === 408;

export async function persist(act, wait = pause) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || tries === TRIES) throw error;
      await wait(Math.min(250 * 2 ** tries, 8000) * (0.5 + Math.random() / 2));
    }
  }
}

/** Bring every missing part of `bid` to the platform and return the upload's id; onProgress(partsThere, partsAll). */
export async function upload(url, bid, { onStarted = async () => {}, onProgress = () => {} } = {}) {
  const base = url.replace(/\/$/, "");
  const all = Object.values(bid.parts).reduce((sum, parts) => sum + parts.length, 0);
  let id = bid.upload ?? null;
  let missing = null;
  if (id) {
    try {
      missing = (await persist(() => http.get(`${base}/${id}/missing`))).missing;
    } catch (error) {
      // Parts are kept for thirty days; after that the upload starts anew from the ciphertext kept here.
      if (error.status !== 404) throw error;
      id = null;
    }
  }
  if (!id) {
    id = (await persist(() => http.post(base, { manifest: bid.manifest, signature: bid.signature }))).upload;
    await onStarted(id);
    missing = (await persist(() => http.get(`${base}/${id}/missing`))).missing;
  }
  let there = all - missing.length;
  onProgress(there, all);
  const queue = [...missing];
  const carry = async () => {
    while (queue.length > 0) {
      const [env, n] = queue.shift();
      const part = bid.parts[env][n];
      const partDigest = b64(digest(BID_PART, new Uint8Array(await part.arrayBuffer())));
      await persist(() => http.putBytes(`${base}/${id}/${env}/${n}`, part, { "X-Part-Digest": partDigest }));
      there += 1;
      onProgress(there, all);
    }
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL }, carry));
  } catch (error) {
    // The other carriers must not go on behind a message that says the upload has stopped.
    queue.length = 0;
    throw error;
  }
  return id;
}
