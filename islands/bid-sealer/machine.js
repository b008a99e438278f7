// What this browser says of itself (本机标识): a random mark that it made once and puts into every bid sealed here.
// It lies in the qualification envelope: nobody knows it before the opening, and then only supervision compares it.

import { b64 } from "../lib/canonical.js";
import { fileDigest } from "../lib/pack.js";
import { randomBytes } from "../lib/bytes.js";
import * as vault from "../lib/vault.js";

const NAME = "machine";

/** Return the entry { file, sm3 } to pack with the qualification files; the platform knows it by its name. */
export async function machineEntry() {
  let mark = await vault.get(NAME);
  if (mark === null) {
    mark = b64(randomBytes(16));
    await vault.put(NAME, mark);
  }
  const file = new File([JSON.stringify([["session", mark]])], "device.json", { type: "application/json" });
  return { file, sm3: await fileDigest(file) };
}
