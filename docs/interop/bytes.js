import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export const sha256 = (...parts) => nobleSha256(concat(...parts));

export const uint16 = (n) => Uint8Array.of(n >> 8, n & 255);

export const hex = (bytes) => Buffer.from(bytes).toString('hex');

export const fromHex = (text) => new Uint8Array(Buffer.from(text, 'hex'));

export const equal = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

export const uint32 = (n) => Uint8Array.of(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);

export function uint64(n) {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, n);
  return out;
}
