// The pack (文件包): several files in one envelope; twin of crypto/pack.py.
// "GGZYPACK1" ‖ u32 length ‖ canonical JSON [{name, size, sm3}] ‖ bodies; digests are plain SM3, so any tool can check them.

import { concat, u32, utf8 } from "./bytes.js";
import { b64, encode } from "./canonical.js";
import { sm3Stream } from "./gm.js";

const MAGIC = utf8("GGZYPACK1");

export async function* fileBlocks(file) {
  for (const reader = file.stream().getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Plain SM3 of a file as base64url, reading it as a stream; onBytes(n) hears of every block. */
export async function fileDigest(file, onBytes = () => {}) {
  const stream = await sm3Stream();
  for await (const block of fileBlocks(file)) {
    stream.update(block);
    onBytes(block.length);
  }
  return b64(stream.digest("binary"));
}

/** Return a Chinese reason why names cannot stand in a pack, or null. */
export function nameDefect(names) {
  const seen = new Set();
  for (const name of names) {
    const clean = name.normalize("NFC");
    if (!clean || clean.length > 200 || clean === "." || clean === ".." || clean !== clean.trim()) return `文件名“${name}”为空、过长或首尾有空格`;
    if (/[/\\:\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(clean)) return `文件名“${name}”含有不允许的字符（/、\\、:、全角空格或控制字符）`;
    if (seen.has(clean.toLowerCase())) return `文件名“${name}”重复，请改名后再选择`;
    seen.add(clean.toLowerCase());
  }
  return null;
}

/** Return { size, blocks() } for a list of { file, sm3 }: the exact length, and the bytes as they come. */
export function packSource(entries) {
  const index = encode(entries.map(({ file, sm3 }) => ({ name: file.name, size: file.size, sm3 })));
  const head = concat(MAGIC, u32(index.length), index);
  return {
    size: entries.reduce((sum, { file }) => sum + file.size, head.length),
    async *blocks() {
      yield head;
      for (const { file } of entries) yield* fileBlocks(file);
    },
  };
}

/** A source over bytes that are there already. */
export function bytesSource(bytes) {
  return {
    size: bytes.length,
    async *blocks() {
      yield bytes;
    },
  };
}
