// Canonical JSON (规范化 JSON): the one byte form of a value that is hashed or signed; twin of crypto/canonical.py.
// RFC 8785 order; only strings (made NFC), booleans, null, integers of magnitude below 2^53, arrays and plain objects.

import { utf8 } from "./bytes.js";

export class NotCanonical extends Error {}

function text(value) {
  if (/\p{Surrogate}/u.test(value)) throw new NotCanonical("lone surrogate");
  return JSON.stringify(value.normalize("NFC"));
}

function write(value) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    // Number.isSafeInteger(-0) is true, and Python has no -0: String() gives "0" in both.
    if (!Number.isSafeInteger(value)) throw new NotCanonical(`not a safe integer: ${value}`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    // Default sort compares UTF-16 code units, which is what RFC 8785 asks for.
    const named = new Map(Object.entries(value).map(([key, item]) => [key.normalize("NFC"), item]));
    if (named.size !== Object.keys(value).length) throw new NotCanonical("two keys are the same text");
    return `{${[...named.keys()].sort().map((key) => `${text(key)}:${write(named.get(key))}`).join(",")}}`;
  }
  throw new NotCanonical(`cannot be written: ${typeof value}`);
}

export const encode = (value) => utf8(write(value));

export function decode(bytes) {
  let source;
  let value;
  try {
    // ignoreBOM keeps a leading BOM in the text, so that it is refused instead of vanishing.
    source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(source);
  } catch (error) {
    throw new NotCanonical(error.message);
  }
  // Comparing with the re-encoding refuses duplicates, spaces, other orders and floats at once.
  if (write(value) !== source) throw new NotCanonical("bytes differ from their canonical form");
  return value;
}

export function b64(bytes) {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function unb64(encoded) {
  if (!/^[A-Za-z0-9_-]*$/.test(encoded) || encoded.length % 4 === 1) throw new NotCanonical("not base64url");
  const bytes = Uint8Array.from(atob(encoded.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  // Spare bits in the last character would give one byte string two spellings.
  if (b64(bytes) !== encoded) throw new NotCanonical("base64url with spare bits");
  return bytes;
}

export const timestamp = (milliseconds) => new Date(milliseconds).toISOString();
