// What the browser makes, the Python twin must accept, and the other way round.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { randomBytes, utf8 } from "../lib/bytes.js";
import { b64, encode, unb64 } from "../lib/canonical.js";
import * as gm from "../lib/gm.js";
import { ACT, BID_INNER } from "../lib/labels.js";
import { bytesSource, fileDigest, packSource } from "../lib/pack.js";
import { SealRefused, containerBlob, ownSecret, padme, seal } from "../lib/sealing.js";
import { split } from "../lib/shares.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const python = join(root, ".venv", "bin", "python");
const needsPython = { skip: existsSync(python) ? false : "no .venv: run make setup" };

function oracle(job) {
  const answer = spawnSync(python, [fileURLToPath(new URL("./sealing_oracle.py", import.meta.url))], {
    input: JSON.stringify(job), encoding: "utf8", env: { ...process.env, PYTHONPATH: join(root, "src") },
  });
  assert.equal(answer.status, 0, answer.stderr);
  return JSON.parse(answer.stdout);
}

async function sealed({ device = true, technical = 3 << 20 } = {}) {
  const cert = gm.generate();
  const machine = gm.generate();
  const signer = gm.generate();
  const trustees = [1, 2, 3].map(() => gm.generate());
  const own = [cert, ...(device ? [machine] : [])].map(({ public: key }) => ({ kid: gm.kidOf(key), public: key }));
  const files = {
    E1: [new File([utf8("营业执照")], "营业执照.pdf"), new File([], "空.txt")],
    E2: [new File([randomBytes(60000), new Uint8Array(technical)], "施工组织设计.pdf")],
  };
  const entries = {};
  for (const [env, list] of Object.entries(files)) entries[env] = await Promise.all(list.map(async (file) => ({ file, sm3: await fileDigest(file) })));
  const price = { v: 1, total_fen: 1234567800, duration_days: 180, quality: "合格", manager: "李建国", items: [] };
  const progress = [];
  const bid = await seal({
    rules: {
      tender: "T-1", lot: "T-1/1", notice_digest: b64(randomBytes(32)), corrigendum: 0, level: "N",
      trustees: trustees.map(({ public: key }) => ({ kid: gm.kidOf(key), public: key })),
    },
    own,
    identity: { certificate: ["AA"], uscc: "91330000MA0000000X", name: "甲公司", contact: "王", phone: "1", guarantee: "", hall_nonce: b64(randomBytes(32)) },
    signInner: (message) => gm.sign(signer.private, message, BID_INNER),
    sources: { E1: packSource(entries.E1), E2: packSource(entries.E2), E3: bytesSource(encode(price)) },
    onProgress: (done, all) => progress.push(done / all),
  });
  return { bid, cert, machine, trustees, entries, price, progress, device };
}

async function inspect({ bid, cert, machine, trustees, device }, absent) {
  const folder = mkdtempSync(join(tmpdir(), "gbid-"));
  try {
    const path = join(folder, "bid.gbid");
    writeFileSync(path, new Uint8Array(await containerBlob(bid).arrayBuffer()));
    return oracle({
      what: "inspect", container: path, cert: b64(cert.private), device: device ? b64(machine.private) : null,
      trustees: trustees.map((trustee) => b64(trustee.private)), absent, check_identity: false,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("Python opens a bid sealed in JavaScript on both paths, with the same files and price", needsPython, async () => {
  const made = await sealed();
  const read = await inspect(made, 2);
  assert.equal(read.D, made.bid.D);
  assert.deepEqual(read.price, made.price);
  assert.equal(read.identity.name, "甲公司");
  for (const env of ["E1", "E2"]) assert.deepEqual(read.packs[env], made.entries[env].map(({ file, sm3 }) => [file.name, file.size, sm3]));
  assert.equal(made.progress.at(-1), 1);
});

test("sizes at the edges of chunks and parts are sealed right, without a device too", needsPython, async () => {
  for (const technical of [0, 65536 - 60000 - 8, (1 << 20) - 60100]) {
    const made = await sealed({ device: false, technical });
    const read = await inspect(made, 1);
    assert.equal(read.packs.E2[0][1], 60000 + technical);
  }
});

test("the own secret needs certificate and device, and the wraps of this very envelope", async () => {
  const { bid, cert, machine } = await sealed({ technical: 0 });
  const { core } = JSON.parse(new TextDecoder().decode(bid.manifest));
  const secret = ownSecret(core, "E3", [cert.private, machine.private]);
  assert.equal(b64(gm.publicOf(secret)), core.env[3].C[0]);
  assert.throws(() => ownSecret(core, "E3", [cert.private, null]), SealRefused);
  assert.throws(() => ownSecret(core, "E3", [machine.private, cert.private]), SealRefused);
  assert.throws(() => ownSecret({ ...core, lot: "T-1/2" }, "E3", [cert.private, machine.private]), SealRefused);
  core.env[3].own = core.env[2].own;
  assert.throws(() => ownSecret(core, "E3", [cert.private, machine.private]), SealRefused);
});

test("a file that changes while it is sealed stops the sealing", async () => {
  const lying = { size: 10, async *blocks() { yield new Uint8Array(11); } };
  const short = { size: 10, async *blocks() { yield new Uint8Array(9); } };
  const rules = { tender: "T", lot: "L", notice_digest: b64(randomBytes(32)), corrigendum: 0, level: "N", trustees: [1, 2, 3].map(() => ({ kid: "k", public: gm.generate().public })) };
  for (const E1 of [lying, short]) {
    const job = seal({ rules, own: [{ kid: "c", public: gm.generate().public }], identity: {}, signInner: () => new Uint8Array(64), sources: { E1, E2: bytesSource(utf8("x")), E3: bytesSource(utf8("{}")) } });
    await assert.rejects(job, SealRefused);
  }
});

test("PADMÉ sizes never fall below the size and waste at most 12 %", () => {
  for (let size = 8; size < 5e8; size = Math.floor(size * 1.07) + 1) {
    assert.ok(padme(size) >= size && padme(size) <= size * 1.12 + 1, String(size));
    assert.equal(padme(padme(size)), padme(size));
  }
});

test("signatures, ciphertexts, shares and canonical bytes pass between the twins", needsPython, () => {
  const { private: key, public: pub } = gm.generate();
  const message = utf8("签名的内容");
  const secret = gm.randomScalar();
  const { points, shares } = split(secret, 2, [1, 2, 3]);
  const value = { 中: ["\u{1F600}", "é", "\u0007"], "\uff5e": 1, "\u{1F600}": null };
  const answer = oracle({
    what: "verify", public: b64(pub), private: b64(key), message: b64(message), label: ACT,
    signature: b64(gm.sign(key, message, ACT)), ciphertext: b64(gm.encrypt(pub, message)),
    points: points.map(b64), shares: [1, 2, 3].map((i) => shares.get(i).toString(16)), canonical: b64(encode(value)),
  });
  assert.ok(answer.verified);
  assert.equal(answer.plain, b64(message));
  assert.deepEqual(answer.shares, [true, true, true]);
  assert.equal(answer.kid, gm.kidOf(pub));
  assert.equal(answer.canonical, b64(encode(value)));
  assert.ok(gm.verify(pub, message, unb64(answer.signature), ACT));
  assert.equal(b64(gm.decrypt(key, unb64(answer.ciphertext))), b64(message));
});
