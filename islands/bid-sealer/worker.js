// Encrypts a bid away from the page, so that the page stays alive while hundreds of megabytes pass.

import { encode } from "../lib/canonical.js";
import { sign } from "../lib/gm.js";
import { BID_INNER } from "../lib/labels.js";
import { bytesSource, packSource } from "../lib/pack.js";
import { seal } from "../lib/sealing.js";

self.onmessage = async ({ data: { rules, own, identity, price, files, signKey } }) => {
  let shown = 0;
  try {
    const bid = await seal({
      rules,
      own,
      identity,
      signInner: (message) => sign(signKey, message, BID_INNER),
      sources: { E1: packSource(files.E1), E2: packSource(files.E2), E3: bytesSource(encode(price)) },
      onProgress: (done, all) => {
        if (done - shown < 1 << 20 && done !== all) return;
        shown = done;
        self.postMessage({ progress: done / all });
      },
    });
    self.postMessage({ bid });
  } catch (error) {
    // A file that vanished or changed on disk fails to read; the browser's own words for it are English.
    const isGone = error.name === "NotReadableError" || error.name === "NotFoundError";
    self.postMessage({ error: isGone ? "文件在封标过程中被移动、删除或改动，请重新选择文件后再封标。" : error.message });
  }
};

// A message that arrives while the hash module is still loading (top-level await) would be lost: say when we listen.
self.postMessage({ ready: true });
