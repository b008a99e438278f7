// What this browser remembers (本机保险箱): IndexedDB entries, each encrypted under a key that no script can read out.
// The wrapping key is a non-extractable WebCrypto key: a copy of the database files alone opens nothing.

import { randomBytes, utf8 } from "./bytes.js";

const NAME = "gongheng";

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => ["wrapping", "entries", "blobs"].forEach((store) => request.result.createObjectStore(store));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function store(name, mode, work) {
  const transaction = (await database()).transaction(name, mode);
  const answer = finished(work(transaction.objectStore(name)));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  return answer;
}

async function wrappingKey() {
  const found = await store("wrapping", "readonly", (keys) => keys.get("aes"));
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // add() refuses a second key: two tabs that start together must end with the same one.
  await store("wrapping", "readwrite", (keys) => keys.add(made, "aes")).catch((error) => {
    if (error?.name !== "ConstraintError") throw error;
  });
  return store("wrapping", "readonly", (keys) => keys.get("aes"));
}

/** Remember a JSON value under a name; the name is bound into the ciphertext. */
export async function put(name, value) {
  const key = await wrappingKey();
  const iv = randomBytes(12);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(name) }, key, utf8(JSON.stringify(value)));
  await store("entries", "readwrite", (entries) => entries.put({ iv, data }, name));
}

/** Return the remembered value or null. */
export async function get(name) {
  const entry = await store("entries", "readonly", (entries) => entries.get(name));
  if (!entry) return null;
  const key = await wrappingKey();
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: entry.iv, additionalData: utf8(name) }, key, entry.data);
  return JSON.parse(new TextDecoder().decode(plain));
}

export const remove = (name) => store("entries", "readwrite", (entries) => entries.delete(name));

// Ciphertext on its way to the platform: large and not secret, so it is kept as it is.
export const putBlobs = (name, blobs) => store("blobs", "readwrite", (entries) => entries.put(blobs, name));
export const getBlobs = (name) => store("blobs", "readonly", (entries) => entries.get(name));
export const removeBlobs = (name) => store("blobs", "readwrite", (entries) => entries.delete(name));
