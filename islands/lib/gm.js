// National cryptography (国密) of suite GM1: SM3, HMAC, HKDF, the SM2 group, signatures and encryption.
// The curve arithmetic is @noble/curves, SM3 is hash-wasm; the twin of every function is in crypto/ of the platform.

import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { createSM3 } from "hash-wasm";
import { bytesOf, concat, equal, integerOf, randomBytes, utf8 } from "./bytes.js";
import { b64 } from "./canonical.js";
import { KEY, labelled, prefix } from "./labels.js";

const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};
export const N = CURVE.n;
const Point = weierstrass(CURVE);
const IDENTITY = utf8("1234567812345678");

// One hasher is enough: every use below runs to its digest without yielding.
const hasher = await createSM3();

export function sm3(...parts) {
  hasher.init();
  for (const part of parts) hasher.update(part);
  return hasher.digest("binary");
}

/** SM3(label ‖ 0x0A ‖ data), the only form in which anything is digested for the record. */
export const digest = (label, ...data) => sm3(prefix(label), ...data);

/** A hasher of its own, for data that arrives over time. */
export const sm3Stream = async () => (await createSM3()).init();

function pads(key) {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sm3(key) : key);
  return [block.map((b) => b ^ 0x36), block.map((b) => b ^ 0x5c)];
}

/** Return mac(...parts) for one key, so that the pads are made once for thousands of chunks. */
export function hmac(key) {
  const [inner, outer] = pads(key);
  return (...parts) => sm3(outer, sm3(inner, ...parts));
}

export function hkdf(ikm, salt, info, length) {
  const expand = hmac(hmac(salt)(ikm));
  let block = new Uint8Array(0);
  let out = new Uint8Array(0);
  for (let i = 1; out.length < length; i += 1) {
    block = expand(block, info, Uint8Array.of(i));
    out = concat(out, block);
  }
  return out.slice(0, length);
}

export const modN = (value) => ((value % N) + N) % N;

export function inverse(value) {
  let [a, b, x, y] = [modN(value), N, 1n, 0n];
  if (a === 0n) throw new RangeError("zero has no inverse");
  while (a !== 1n) {
    const q = b / a;
    [a, b, x, y] = [b % a, a, y - q * x, x];
  }
  return modN(x);
}

export function randomScalar() {
  for (;;) {
    const k = integerOf(randomBytes(32));
    if (k > 0n && k < N) return k;
  }
}

export const pointOf = (scalar) => Point.BASE.multiply(scalar).toBytes(false);

/** Decode 65 bytes; refuses anything that is not a finite point of the curve. */
export function point(bytes) {
  if (bytes.length !== 65 || bytes[0] !== 4) throw new RangeError("a point has 65 bytes and starts with 04");
  const decoded = Point.fromBytes(bytes);
  decoded.assertValidity();
  return decoded;
}

export function generate() {
  const scalar = randomScalar();
  return { private: bytesOf(scalar, 32), public: pointOf(scalar) };
}

export const publicOf = (privateKey) => pointOf(integerOf(privateKey));

export const kidOf = (publicKey) => b64(digest(KEY, publicKey)).slice(0, 22);

function messageHash(publicKey, message) {
  const curve = [CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy].map((value) => bytesOf(value, 32));
  const z = sm3(Uint8Array.of(0, 128), IDENTITY, ...curve, publicKey.subarray(1));
  return integerOf(sm3(z, message));
}

export function signRaw(privateKey, message) {
  const d = integerOf(privateKey);
  const e = messageHash(pointOf(d), message);
  for (;;) {
    const k = randomScalar();
    const r = modN(e + Point.BASE.multiply(k).toAffine().x);
    if (r === 0n || r + k === N) continue;
    const s = modN(inverse(1n + d) * (k - r * d));
    if (s !== 0n) return concat(bytesOf(r, 32), bytesOf(s, 32));
  }
}

export function verifyRaw(publicKey, message, signature) {
  if (signature.length !== 64) return false;
  const r = integerOf(signature.subarray(0, 32));
  const s = integerOf(signature.subarray(32));
  const t = modN(r + s);
  if (r === 0n || r >= N || s === 0n || s >= N || t === 0n) return false;
  const sum = Point.BASE.multiply(s).add(point(publicKey).multiply(t));
  if (sum.is0()) return false;
  return modN(messageHash(publicKey, message) + sum.toAffine().x) === r;
}

export const sign = (privateKey, message, label) => signRaw(privateKey, labelled(label, message));
export const verify = (publicKey, message, signature, label) =>
  verifyRaw(publicKey, labelled(label, message), signature);

function mask(shared, data) {
  const stream = new Uint8Array(data.length);
  for (let at = 0, counter = 1; at < data.length; at += 32, counter += 1) {
    stream.set(sm3(shared, bytesOf(BigInt(counter), 4)).subarray(0, data.length - at), at);
  }
  // The standard asks for a new k when the mask is all zero: with it the plain text would stand open.
  if (data.length > 0 && stream.every((b) => b === 0)) return null;
  return data.map((b, i) => b ^ stream[i]);
}

function der(tag, body) {
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return concat(Uint8Array.of(tag, ...length), body);
}

function derInteger(bytes) {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at += 1;
  const trimmed = bytes.subarray(at);
  return der(2, trimmed[0] & 0x80 ? concat(Uint8Array.of(0), trimmed) : trimmed);
}

function derRead(bytes, at, tag) {
  if (bytes[at] !== tag) throw new RangeError("unexpected DER tag");
  let length = bytes[at + 1];
  let start = at + 2;
  if (length === 0x81) [length, start] = [bytes[at + 2], at + 3];
  else if (length === 0x82) [length, start] = [(bytes[at + 2] << 8) | bytes[at + 3], at + 4];
  else if (length > 127) throw new RangeError("unexpected DER length");
  if (!(start + length <= bytes.length)) throw new RangeError("DER runs past its end");
  return { body: bytes.subarray(start, start + length), end: start + length };
}

/** Encrypt a short secret to a public key; DER of C1 ‖ C3 ‖ C2 (GM/T 0009). */
export function encrypt(publicKey, plain) {
  const target = point(publicKey);
  for (;;) {
    const k = randomScalar();
    const shared = target.multiply(k).toBytes(false).subarray(1);
    const c2 = mask(shared, plain);
    if (c2 === null) continue;
    const c1 = pointOf(k);
    const c3 = sm3(shared.subarray(0, 32), plain, shared.subarray(32));
    return der(0x30, concat(derInteger(c1.subarray(1, 33)), derInteger(c1.subarray(33)), der(4, c3), der(4, c2)));
  }
}

export function decrypt(privateKey, sealed) {
  const outer = derRead(sealed, 0, 0x30);
  const x = derRead(outer.body, 0, 2);
  const y = derRead(outer.body, x.end, 2);
  const c3 = derRead(outer.body, y.end, 4);
  const c2 = derRead(outer.body, c3.end, 4);
  const c1 = concat(Uint8Array.of(4), bytesOf(integerOf(x.body), 32), bytesOf(integerOf(y.body), 32));
  const shared = point(c1).multiply(integerOf(privateKey)).toBytes(false).subarray(1);
  const plain = mask(shared, c2.body);
  const good = plain !== null && equal(sm3(shared.subarray(0, 32), plain, shared.subarray(32)), c3.body);
  const canonical = good && outer.end === sealed.length && c2.end === outer.body.length;
  if (!canonical) throw new RangeError("ciphertext does not belong to this key");
  return plain;
}

/** Check a Feldman share: share·G = Σ points[j]·index^j. */
export function shareMatches(share, index, points) {
  let sum = Point.ZERO;
  let power = 1n;
  for (const commitment of points) {
    sum = sum.add(point(commitment).multiply(modN(power)));
    power *= BigInt(index);
  }
  return share > 0n && share < N && Point.BASE.multiply(share).equals(sum);
}
