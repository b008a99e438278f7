// The primitives against published vectors and against Node's own implementations.

import assert from "node:assert/strict";
import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { test } from "node:test";
import smCrypto from "sm-crypto-v2";
import { hex, integerOf, randomBytes, utf8 } from "../lib/bytes.js";
import { NotCanonical, b64, decode, encode, timestamp, unb64 } from "../lib/canonical.js";
import * as gm from "../lib/gm.js";
import { ACT, LOGIN } from "../lib/labels.js";
import { check, combine, split } from "../lib/shares.js";
import { sm4Ctr } from "../lib/sm4ctr.js";

const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

test("SM3 gives the two digests of GB/T 32905", () => {
  assert.equal(hex(gm.sm3(utf8("abc"))), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  assert.equal(hex(gm.sm3(utf8("abcd".repeat(16)))), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
});

test("SM3, HMAC and HKDF agree with Node at every length around a block", () => {
  for (let length = 0; length <= 130; length += 1) {
    const data = randomBytes(length);
    const key = randomBytes(length);
    assert.equal(hex(gm.sm3(data)), createHash("sm3").update(data).digest("hex"));
    assert.equal(hex(gm.hmac(key)(data)), createHmac("sm3", key).update(data).digest("hex"));
    assert.equal(hex(gm.hkdf(key, data, utf8("info"), 55)), Buffer.from(hkdfSync("sm3", key, data, utf8("info"), 55)).toString("hex"));
  }
});

test("SM4-CTR gives the stream of Node at whole and broken blocks", () => {
  const key = bytes("0123456789abcdeffedcba9876543210");
  for (const length of [0, 1, 15, 16, 17, 4099]) {
    const nonce = randomBytes(12);
    const data = randomBytes(length);
    const expected = createCipheriv("sm4-ctr", key, Buffer.concat([nonce, Buffer.alloc(4)])).update(data);
    assert.equal(hex(sm4Ctr(key)(nonce, data.slice())), expected.toString("hex"));
  }
});

test("a signature holds here and in sm-crypto-v2, and only for its own message, label and key", () => {
  const { private: key, public: pub } = gm.generate();
  const message = utf8("投标函");
  const signature = gm.sign(key, message, ACT);
  assert.ok(gm.verify(pub, message, signature, ACT));
  assert.ok(smCrypto.sm2.doVerifySignature(Uint8Array.from([...utf8(`${ACT}\n`), ...message]), hex(signature), hex(pub), { hash: true }));
  assert.ok(!gm.verify(pub, message, signature, LOGIN));
  assert.ok(!gm.verify(pub, utf8("投标函。"), signature, ACT));
  assert.ok(!gm.verify(gm.generate().public, message, signature, ACT));
  for (let i = 0; i < 64; i += 7) {
    const altered = signature.slice();
    altered[i] ^= 1;
    assert.ok(!gm.verify(pub, message, altered, ACT));
  }
  assert.ok(!gm.verify(pub, message, new Uint8Array(64), ACT));
});

test("signatures and ciphertexts of sm-crypto-v2 are understood", () => {
  for (let i = 0; i < 20; i += 1) {
    const { private: key, public: pub } = gm.generate();
    const message = randomBytes(64);
    assert.ok(gm.verifyRaw(pub, message, bytes(smCrypto.sm2.doSignature(message, hex(key), { hash: true }))));
    assert.equal(hex(gm.decrypt(key, bytes(smCrypto.sm2.doEncrypt(message, hex(pub), 1, { asn1: true })))), hex(message));
    assert.equal(hex(smCrypto.sm2.doDecrypt(hex(gm.encrypt(pub, message)), hex(key), 1, { asn1: true, output: "array" })), hex(message));
  }
});

test("an altered ciphertext is refused wherever it is altered", () => {
  const { private: key, public: pub } = gm.generate();
  const sealed = gm.encrypt(pub, randomBytes(64));
  for (let i = 0; i < sealed.length; i += 1) {
    const altered = sealed.slice();
    altered[i] ^= 1;
    assert.throws(() => gm.decrypt(key, altered), undefined, `byte ${i}`);
  }
  assert.throws(() => gm.decrypt(gm.generate().private, sealed), RangeError);
});

test("a label that is not registered signs nothing", () => {
  assert.throws(() => gm.sign(gm.generate().private, utf8("x"), "ggzy/unknown/v1"), /unknown label/);
});

test("any two of three shares rebuild the secret, and a wrong one is noticed", () => {
  const secret = gm.randomScalar();
  const { points, shares } = split(secret, 2, [1, 2, 3]);
  for (const pair of [[1, 2], [1, 3], [2, 3]]) assert.equal(combine(new Map(pair.map((i) => [i, shares.get(i)]))), secret);
  for (const i of [1, 2, 3]) assert.ok(check(shares.get(i), i, points));
  assert.ok(!check(shares.get(1), 2, points));
  assert.ok(!check(shares.get(1) + 1n, 1, points));
  assert.equal(hex(points[0]), hex(gm.pointOf(secret)));
});

test("canonical JSON has one form, and decoding refuses every other", () => {
  const value = { b: [1, null, true], 中: "é\n\u2028", "\u{1F600}": {}, "\uff5e": "-" };
  const text = new TextDecoder().decode(encode(value));
  // RFC 8785 sorts by UTF-16 units: the surrogates of the smiley come before U+FF5E.
  assert.equal(text, '{"b":[1,null,true],"中":"é\\n\u2028","\u{1F600}":{},"\uff5e":"-"}'.normalize("NFC"));
  assert.deepEqual(encode(decode(encode(value))), encode(value));
  for (const bad of ["[1.5]", '{"a":1,"a":1}', '{"b":1,"a":2}', "[1 ]", "[-0]", '["\\u0041"]', "[9007199254740992]", '["e\u0301"]', "\ufeff[]"]) {
    assert.throws(() => decode(utf8(bad)), NotCanonical, bad);
  }
  for (const bad of [1.5, 2 ** 53, undefined, "\ud800", new Date(0), [undefined], 1n]) assert.throws(() => encode(bad), NotCanonical);
});

test("base64url has one spelling", () => {
  for (let length = 0; length < 40; length += 1) assert.equal(hex(unb64(b64(randomBytes(length)))).length, 2 * length);
  for (const bad of ["A", "AB", "AA=", "A+AA", "AA A"]) assert.throws(() => unb64(bad), NotCanonical, bad);
  assert.equal(timestamp(0), "1970-01-01T00:00:00.000Z");
});

test("a point off the curve is refused", () => {
  const pub = gm.generate().public;
  pub[64] ^= 1;
  assert.throws(() => gm.encrypt(pub, utf8("x")));
  assert.throws(() => gm.point(new Uint8Array(65)), RangeError);
  assert.ok(integerOf(gm.generate().private) < gm.N);
});
