// The known answers of the Python twin (`python -m gongheng.crypto.tests.vectors`), recomputed here.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { integerOf, utf8 } from "../lib/bytes.js";
import { b64, decode, encode, unb64 } from "../lib/canonical.js";
import { commitDigest } from "../lib/drawing.js";
import * as gm from "../lib/gm.js";
import * as labels from "../lib/labels.js";
import { ownSecret } from "../lib/sealing.js";
import { check, combine } from "../lib/shares.js";
import { sm4Ctr } from "../lib/sm4ctr.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const python = join(root, ".venv", "bin", "python");

function vectors() {
  const answer = spawnSync(python, ["-m", "gongheng.crypto.tests.vectors"], { encoding: "utf8", maxBuffer: 1 << 26, env: { ...process.env, PYTHONPATH: join(root, "src") } });
  assert.equal(answer.status, 0, answer.stderr);
  return JSON.parse(answer.stdout);
}

test("every known answer of the Python twin is reproduced", { skip: existsSync(python) ? false : "no .venv: run make setup" }, () => {
  const known = vectors();
  assert.equal(b64(encode(known.canonical.value)), known.canonical.bytes);
  const mine = Object.values(labels).filter((label) => typeof label === "string");
  assert.ok(mine.length > 10);
  for (const label of mine) assert.equal(b64(gm.digest(label, utf8("abc"))), known.labels[label], label);
  assert.equal(b64(gm.hmac(utf8("key"))(utf8("data"))), known.hmac);
  assert.equal(b64(gm.hkdf(new Uint8Array(32), utf8("salt"), utf8("info"), 55)), known.hkdf);
  const count = (length) => Uint8Array.from({ length }, (_, i) => i);
  assert.equal(b64(sm4Ctr(count(16))(count(12), new Uint8Array(100))), known.sm4ctr);
  const key = unb64(known.key.private);
  assert.equal(b64(gm.publicOf(key)), known.key.public);
  assert.equal(gm.kidOf(gm.publicOf(key)), known.key.kid);
  assert.ok(gm.verify(gm.publicOf(key), unb64(known.signature.message), unb64(known.signature.signature), known.signature.label));
  assert.equal(b64(gm.decrypt(key, unb64(known.ciphertext.der))), known.ciphertext.plain);
  const points = known.shares.points.map(unb64);
  const shares = new Map(Object.entries(known.shares.shares).map(([index, share]) => [Number(index), integerOf(unb64(share))]));
  for (const [index, share] of shares) assert.ok(check(share, index, points));
  shares.delete(2);
  assert.equal(combine(shares), 12345678901234567890n);
  const context = { draw_id: "D-1", pool_root: "pool", order_digest: "order", attempt: 1 };
  assert.equal(commitDigest(context, 1, known.shares.points), known.draw.commit);
  const { gbid, certificate_private: certificate, device_private: device, secrets } = known.container;
  const file = unb64(gbid);
  const manifest = decode(file.slice(12, 12 + new DataView(file.buffer).getUint32(8)));
  for (const [env, secret] of Object.entries(secrets)) assert.equal(b64(ownSecret(manifest.core, env, [unb64(certificate), unb64(device)])), secret);
});
