// SM4 in counter mode (GB/T 32907), with round tables: about 100 MB/s in a Worker.
// Table look-ups leak through the cache to other programs of the same machine; accepted for a bidder on an own machine.

const SBOX = Uint8Array.from(
  ("d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62" +
    "e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35" +
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1" +
    "e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51" +
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684" +
    "18f07dec3adc4d2079ee5f3ed7cb3948").match(/../g),
  (pair) => parseInt(pair, 16),
);
const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc];
const rotate = (x, n) => (x << n) | (x >>> (32 - n));

const T0 = new Uint32Array(256);
const T1 = new Uint32Array(256);
const T2 = new Uint32Array(256);
const T3 = new Uint32Array(256);
for (let i = 0; i < 256; i += 1) {
  const b = SBOX[i] << 24;
  const linear = b ^ rotate(b, 2) ^ rotate(b, 10) ^ rotate(b, 18) ^ rotate(b, 24);
  T0[i] = linear;
  T1[i] = rotate(linear, 24);
  T2[i] = rotate(linear, 16);
  T3[i] = rotate(linear, 8);
}

function roundKeys(key) {
  const view = new DataView(key.buffer, key.byteOffset, 16);
  const k = FK.map((constant, i) => view.getUint32(4 * i) ^ constant);
  const keys = new Int32Array(32);
  for (let i = 0; i < 32; i += 1) {
    let ck = 0;
    for (let j = 0; j < 4; j += 1) ck = (ck << 8) | (((4 * i + j) * 7) & 255);
    const x = k[1] ^ k[2] ^ k[3] ^ ck;
    const b = (SBOX[x >>> 24] << 24) | (SBOX[(x >>> 16) & 255] << 16) | (SBOX[(x >>> 8) & 255] << 8) | SBOX[x & 255];
    keys[i] = k[0] ^ b ^ rotate(b, 13) ^ rotate(b, 23);
    k.push(keys[i]);
    k.shift();
  }
  return keys;
}

/** Return xor(nonce12, data): changes data in place with the key stream whose counter starts at zero. */
export function sm4Ctr(key) {
  if (key.length !== 16) throw new RangeError("an SM4 key has 16 bytes");
  const rk = roundKeys(key);
  return (nonce, data) => {
    const start = new DataView(nonce.buffer, nonce.byteOffset, 12);
    const n0 = start.getInt32(0);
    const n1 = start.getInt32(4);
    const n2 = start.getInt32(8);
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const whole = data.length & ~15;
    for (let at = 0, counter = 0; at < data.length; at += 16, counter += 1) {
      let a = n0, b = n1, c = n2, d = counter, x = 0;
      for (let i = 0; i < 32; i += 4) {
        x = b ^ c ^ d ^ rk[i];
        a ^= T0[x >>> 24] ^ T1[(x >>> 16) & 255] ^ T2[(x >>> 8) & 255] ^ T3[x & 255];
        x = c ^ d ^ a ^ rk[i + 1];
        b ^= T0[x >>> 24] ^ T1[(x >>> 16) & 255] ^ T2[(x >>> 8) & 255] ^ T3[x & 255];
        x = d ^ a ^ b ^ rk[i + 2];
        c ^= T0[x >>> 24] ^ T1[(x >>> 16) & 255] ^ T2[(x >>> 8) & 255] ^ T3[x & 255];
        x = a ^ b ^ c ^ rk[i + 3];
        d ^= T0[x >>> 24] ^ T1[(x >>> 16) & 255] ^ T2[(x >>> 8) & 255] ^ T3[x & 255];
      }
      if (at < whole) {
        view.setInt32(at, view.getInt32(at) ^ d);
        view.setInt32(at + 4, view.getInt32(at + 4) ^ c);
        view.setInt32(at + 8, view.getInt32(at + 8) ^ b);
        view.setInt32(at + 12, view.getInt32(at + 12) ^ a);
      } else {
        const words = [d, c, b, a];
        for (let i = at; i < data.length; i += 1) data[i] ^= words[(i - at) >> 2] >>> (24 - 8 * (i & 3));
      }
    }
    return data;
  };
}
