// Keys in the browser: the soft certificate file (软证书 .gkey), the unlocked key of this session, the device key.

import { randomBytes, utf8 } from "./bytes.js";
import { b64, decode, encode, unb64 } from "./canonical.js";
import { generate, kidOf, publicOf } from "./gm.js";
import * as vault from "./vault.js";

const KIND = "gongheng-soft-certificate";
const SESSION_COOKIE = "gongheng_key_session";
const SESSION_HOURS = 8;
export const ITERATIONS = 310000;

export class KeyRefused extends Error {}

async function pinKey(pin, box) {
  const material = await crypto.subtle.importKey("raw", utf8(pin.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt: unb64(box.salt), iterations: box.iterations },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/** Return the text of a .gkey file; secrets = { sign, enc|null } as 32-byte keys. */
export async function lockFile(owner, secrets, pin, iterations = ITERATIONS) {
  const box = { kdf: "PBKDF2-SHA256", salt: b64(randomBytes(16)), iterations, iv: b64(randomBytes(12)) };
  const plain = encode({ sign: b64(secrets.sign), enc: secrets.enc ? b64(secrets.enc) : null });
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv: unb64(box.iv) }, await pinKey(pin, box), plain);
  return JSON.stringify({ v: 1, kind: KIND, ...owner, box: { ...box, data: b64(new Uint8Array(data)) } }, null, 1);
}

/** Open the text of a .gkey file with its PIN. Throws KeyRefused with a Chinese reason. */
export async function openFile(text, pin) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new KeyRefused("所选文件不是软证书（.gkey）文件，请重新选择。");
  }
  if (file?.kind !== KIND || file.v !== 1 || file.box?.kdf !== "PBKDF2-SHA256") {
    throw new KeyRefused("所选文件不是本平台支持的软证书（.gkey）文件，请重新选择。");
  }
  // A file could otherwise keep the page busy for hours, or make guessing the PIN cheap for its finder.
  if (!Number.isInteger(file.box.iterations) || file.box.iterations < 1000 || file.box.iterations > 5e6) {
    throw new KeyRefused("软证书文件的口令参数超出允许范围。");
  }
  let plain;
  try {
    const key = await pinKey(pin, file.box);
    plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: unb64(file.box.iv) }, key, unb64(file.box.data));
  } catch {
    throw new KeyRefused("口令不正确，或软证书文件已损坏。请核对口令后重试。");
  }
  const secrets = decode(new Uint8Array(plain));
  return describe({
    person: file.person,
    name: file.name,
    organisation: file.organisation,
    uscc: file.uscc,
    certificate_sign: file.certificate_sign,
    certificate_enc: file.certificate_enc ?? null,
    sign: secrets.sign,
    enc: secrets.enc,
  });
}

function describe(stored) {
  const sign = unb64(stored.sign);
  const enc = stored.enc ? unb64(stored.enc) : null;
  const signPublic = publicOf(sign);
  const encPublic = enc ? publicOf(enc) : null;
  return {
    ...stored,
    sign,
    enc,
    signPublic,
    encPublic,
    kid: kidOf(signPublic),
    encKid: encPublic ? kidOf(encPublic) : null,
  };
}

function sessionMark() {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${SESSION_COOKIE}=`))?.split("=")[1] ?? null;
}

/** Keep an opened key until the browser is closed, it is locked, or eight hours have passed. */
export async function keepUnlocked(key) {
  // A cookie without a date ends with the browser session; the entry without its cookie is worthless and dropped.
  const mark = b64(randomBytes(16));
  document.cookie = `${SESSION_COOKIE}=${mark}; Path=/; SameSite=Strict${location.protocol === "https:" ? "; Secure" : ""}`;
  const { signPublic, encPublic, kid, encKid, ...stored } = key;
  await vault.put("unlocked", {
    key: { ...stored, sign: b64(key.sign), enc: key.enc ? b64(key.enc) : null },
    mark,
    until: Date.now() + SESSION_HOURS * 3600e3,
  });
}

/** Return the unlocked key of this session, or null. With a kid, only the key of that name counts. */
export async function unlockedKey(kid = null) {
  const kept = await vault.get("unlocked");
  if (!kept) return null;
  if (kept.mark !== sessionMark() || kept.until < Date.now()) {
    await vault.remove("unlocked");
    return null;
  }
  const key = describe(kept.key);
  return kid && key.kid !== kid ? null : key;
}

export async function lock() {
  document.cookie = `${SESSION_COOKIE}=; Path=/; SameSite=Strict; Max-Age=0`;
  await vault.remove("unlocked");
}

/** The key pair of this browser (设备密钥), made once; a bid opens on its own path only together with it. */
export async function deviceKey() {
  // Under a lock: two tabs that start together must not each seal to a pair of their own.
  const kept = await navigator.locks.request("gongheng-device-key", async () => {
    if (!(await vault.get("device"))) await vault.put("device", { private: b64(generate().private) });
    return vault.get("device");
  });
  const privateKey = unb64(kept.private);
  const publicKey = publicOf(privateKey);
  return { private: privateKey, public: publicKey, kid: kidOf(publicKey) };
}
