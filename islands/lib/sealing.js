// Sealing a bid (封标) before it leaves the machine; twin of crypto/sealing.py and crypto/envelopes.py.
// Four envelopes, each under its own secret: E0 identity, E1 qualification, E2 technical, E3 price.

import { bytesOf, concat, equal, integerOf, randomBytes, u32, u64, utf8 } from "./bytes.js";
import { b64, encode, unb64 } from "./canonical.js";
import { N, decrypt, digest, encrypt, generate, hkdf, hmac, modN, pointOf, randomScalar, sign, sm3 } from "./gm.js";
import { BID_CORE, BID_MANIFEST, BID_OTK, BID_PART, ENVELOPE_KEY, SEAL, WRAP, prefix } from "./labels.js";
import { bytesSource } from "./pack.js";
import { split } from "./shares.js";
import { sm4Ctr } from "./sm4ctr.js";

export const SUITE = "GM1";
export const ROLES = { E0: "identity", E1: "qualification", E2: "technical", E3: "price" };
const MAGIC = utf8("GGZYBID1");
const CHUNK = 65536;
const TAG = 32;
const CHUNKS_PER_PART = 16;
export const SEALED_PART = (CHUNK + TAG) * CHUNKS_PER_PART;
// Envelopes of one size for everybody: the length of a bidder's name must not show through the padding.
const FIXED = { E0: [16 * 1024, "身份"], E3: [256 * 1024, "报价"] };
const INDEXES = [1, 2, 3];
const THRESHOLD = 2;

export class SealRefused extends Error {}

/** The next PADMÉ size: at most 12 % more, so that lengths say little. */
export function padme(size) {
  const bitLength = (value) => value.toString(2).length;
  const exponent = bitLength(size) - 1;
  const step = 2 ** Math.max(exponent - bitLength(exponent), 0);
  return Math.ceil(size / step) * step;
}

export function paddedSize(env, size) {
  if (!(env in FIXED)) return padme(size + 8);
  const [fixed, name] = FIXED[env];
  if (size + 8 > fixed) throw new SealRefused(`${name}信封内容超过 ${fixed / 1024} KiB 上限，请精简内容。`);
  return fixed;
}

const wrapBinding = (core, env, kid, point) => digest(WRAP, encode([core.tender, core.lot, env, kid, point]));
const wrap = (publicKey, scalar, binding) => b64(encrypt(publicKey, concat(bytesOf(scalar, 32), binding)));

function unwrap(privateKey, blob, binding) {
  let plain;
  try {
    plain = decrypt(privateKey, unb64(blob));
  } catch {
    throw new SealRefused("密钥封装无法用本机密钥解开：密钥不对，或密文被改动。");
  }
  const scalar = integerOf(plain.subarray(0, 32));
  if (plain.length !== 64 || !equal(plain.subarray(32), binding) || scalar === 0n || scalar >= N) {
    throw new SealRefused("密钥封装与其所在的标段、信封或密钥不符，疑似被移动。");
  }
  return scalar;
}

/** The row of one envelope in the core: commitment points, own wraps, fall-back wraps (兜底份额). */
function coreRow(place, env, secret, own, trustees) {
  const { points, shares } = split(secret, THRESHOLD, INDEXES);
  const C = points.map(b64);
  const mode = own.length === 2 ? "cert+device" : "cert";
  const first = own.length === 2 ? splitInTwo(secret) : [secret];
  return {
    id: env,
    C,
    own: own.map(({ kid, public: key }, i) => ({ kid, mode, blob: wrap(key, first[i], wrapBinding(place, env, kid, C[0])) })),
    fall: trustees.map(({ kid, public: key }, i) => ({
      kid,
      index: INDEXES[i],
      blob: wrap(key, shares.get(INDEXES[i]), wrapBinding(place, env, kid, C[0])),
    })),
  };
}

function splitInTwo(secret) {
  for (;;) {
    const one = randomScalar();
    const other = modN(secret - one);
    if (other !== 0n) return [one, other];
  }
}

/** The bidder's own secret of an envelope, from certificate key and device key; checked against C0. */
export function ownSecret(core, env, privateKeys) {
  const row = core.env.find(({ id }) => id === env);
  let total = 0n;
  row.own.forEach((item, i) => {
    if (!privateKeys[i]) throw new SealRefused("本投标由证书与设备共同封装，还需要封标时所用设备上的密钥。");
    total += unwrap(privateKeys[i], item.blob, wrapBinding(core, env, item.kid, row.C[0]));
  });
  const secret = modN(total);
  if (secret === 0n || b64(pointOf(secret)) !== row.C[0]) throw new SealRefused(`信封 ${env} 的密钥与封标时的承诺点不符。`);
  return bytesOf(secret, 32);
}

function merkleRoot(digests) {
  let level = digests.map((item) => sm3(Uint8Array.of(0), item));
  while (level.length > 1) {
    const next = [];
    // An unpaired hash moves up unchanged, as in RFC 6962.
    for (let i = 0; i < level.length; i += 2) next.push(i + 1 < level.length ? sm3(Uint8Array.of(1), level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}

/** Yield the plain chunks: u64 length ‖ content ‖ zeros. The same buffer is reused for each. */
async function* plainChunks(source, padded) {
  const buffer = new Uint8Array(CHUNK);
  buffer.set(u64(source.size));
  let filled = 8;
  let left = padded;
  let content = 0;
  for await (let block of source.blocks()) {
    content += block.length;
    if (content > source.size) throw new SealRefused("文件在封标过程中被改动，请重新选择文件后再封标。");
    while (block.length > 0) {
      const taken = Math.min(block.length, CHUNK - filled);
      buffer.set(block.subarray(0, taken), filled);
      filled += taken;
      block = block.subarray(taken);
      if (filled === CHUNK && left > CHUNK) {
        yield buffer;
        left -= CHUNK;
        filled = 0;
      }
    }
  }
  if (content !== source.size) throw new SealRefused("文件在封标过程中被改动，请重新选择文件后再封标。");
  while (left > 0) {
    const size = Math.min(left, CHUNK);
    buffer.fill(0, filled);
    yield buffer.subarray(0, size);
    left -= size;
    filled = 0;
  }
}

async function sealBody(env, source, core, coreDigest, secret, onBytes) {
  const info = concat(prefix(ENVELOPE_KEY), encode([SUITE, core.lot, env]));
  const keys = hkdf(bytesOf(secret, 32), unb64(core.salt), info, 55);
  const crypt = sm4Ctr(keys.slice(0, 16));
  const mac = hmac(keys.slice(16, 48));
  const base = keys.slice(48);
  const place = concat(coreDigest, utf8(env));
  const padded = paddedSize(env, source.size);
  const last = Math.ceil(padded / CHUNK) - 1;
  const parts = [];
  const digests = [];
  let sealed = [];
  const finishPart = () => {
    const part = concat(...sealed);
    digests.push(digest(BID_PART, part));
    // A Blob may be moved to disk by the browser; an array would hold the whole bid in memory.
    parts.push(new Blob([part]));
    sealed = [];
  };
  let counter = 0;
  for await (const plain of plainChunks(source, padded)) {
    const turn = concat(u32(counter), Uint8Array.of(counter === last ? 1 : 0));
    const nonce = concat(base, turn);
    const body = crypt(nonce, plain.slice());
    sealed.push(body, mac(place, turn, nonce, body));
    if (sealed.length === 2 * CHUNKS_PER_PART) finishPart();
    counter += 1;
    onBytes(plain.length);
  }
  if (sealed.length > 0) finishPart();
  const row = {
    id: env,
    role: ROLES[env],
    size: padded + TAG * (last + 1),
    part_size: CHUNK * CHUNKS_PER_PART,
    parts: digests.map(b64),
    root: b64(merkleRoot(digests)),
  };
  return { row, parts };
}

/**
 * Seal a bid. rules = { tender, lot, notice_digest, corrigendum, level, trustees: [{kid, public: bytes}] };
 * own = [{kid, public}] (certificate, then device); identity = the fields of E0 without v and inner_signature;
 * signInner(message) → 64 bytes; sources = { E1, E2, E3 } of { size, blocks() }; onProgress(bytesDone, bytesAll).
 * Returns { D, manifest, signature, otkPrivate, otkPublic, parts: { E0: [Blob], … } }.
 */
export async function seal({ rules, own, identity, signInner, sources, onProgress = () => {} }) {
  if (rules.level !== "N" || rules.trustees.length !== INDEXES.length) throw new SealRefused("本页面只支持 N 级封标和三个受托方，请联系中心。");
  const secrets = Object.fromEntries(Object.keys(ROLES).map((env) => [env, randomScalar()]));
  const place = { tender: rules.tender, lot: rules.lot };
  const core = {
    v: 1,
    suite: SUITE,
    ...place,
    notice_digest: rules.notice_digest,
    corrigendum: rules.corrigendum,
    salt: b64(randomBytes(32)),
    trustees: { k: THRESHOLD, keys: rules.trustees.map(({ kid }) => kid) },
    level: rules.level,
    env: Object.keys(ROLES).map((env) => coreRow(place, env, secrets[env], own, rules.trustees)),
  };
  const coreDigest = digest(BID_CORE, encode(core));
  const otk = generate();
  const all = ["E1", "E2", "E3"].reduce((sum, env) => sum + paddedSize(env, sources[env].size), 0);
  let done = 0;
  const onBytes = (count) => onProgress((done += count), all);
  const sealed = {};
  for (const env of ["E1", "E2", "E3"]) sealed[env] = await sealBody(env, sources[env], core, coreDigest, secrets[env], onBytes);
  const roots = ["E1", "E2", "E3"].map((env) => unb64(sealed[env].row.root));
  const inner = signInner(concat(coreDigest, ...roots, otk.public));
  const plain = encode({ v: 1, ...identity, inner_signature: b64(inner) });
  sealed.E0 = await sealBody("E0", bytesSource(plain), core, coreDigest, secrets.E0, () => {});
  const manifest = encode({ core, envelopes: Object.keys(ROLES).map((env) => sealed[env].row), otk: b64(otk.public) });
  const D = digest(BID_MANIFEST, manifest);
  return {
    D: b64(D),
    manifest,
    signature: sign(otk.private, D, BID_OTK),
    otkPrivate: otk.private,
    otkPublic: otk.public,
    parts: Object.fromEntries(Object.keys(ROLES).map((env) => [env, sealed[env].parts])),
  };
}

/** The whole container as one Blob, for keeping a copy: the file that `tools/verify` and courts read. */
export function containerBlob({ manifest, signature, parts }) {
  return new Blob([MAGIC, u32(manifest.length), manifest, u32(signature.length), signature, ...Object.keys(ROLES).flatMap((env) => parts[env])]);
}

/** The short message of sealing or withdrawing, signed with one-time keys only: outside, nobody has a name. */
export function sealMessage(act, lot, D, supersedes = null) {
  return encode({ v: 1, act, lot, D, ...(supersedes ? { supersedes } : {}) });
}

export const signSeal = (otkPrivate, message) => sign(otkPrivate, message, SEAL);
