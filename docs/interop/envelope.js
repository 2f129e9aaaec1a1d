// Layer 3: size, age profile, decryption, padding. docs/protocol.md §4.4
import { Decrypter } from 'age-encryption';
import { refuse } from './refusal.js';

const KIB = 1024;
const SIZES = [16 * KIB, 64 * KIB, 256 * KIB];
const MAX_ENVELOPE = 263851; // header 1,627, nonce 16, 256 KiB, four tags of 16
const STANZA = 'mlkem768x25519';
const INTRO = `age-encryption.org/v1\n-> ${STANZA} `;

// base64 without padding, as it must be written: re-encoding gives the same text.
function canonical(text, length) {
  const raw = Buffer.from(text, 'base64');
  return raw.length === length && raw.toString('base64').replace(/=+$/, '') === text;
}

// checkProfile: the header is exactly one hybrid stanza.
function checkProfile(envelope) {
  const text = Buffer.from(envelope.subarray(0, 2 * KIB)).toString('latin1');
  if (!text.startsWith(INTRO)) refuse('profile', 'the first stanza is not hybrid, or this is no binary age file');
  const end = text.indexOf('\n---');
  const lines = text.slice(0, end).split('\n');
  const mac = text.slice(end + 1, text.indexOf('\n', end + 1));
  if (end < 0 || lines.length !== 3) refuse('profile', 'not exactly one stanza of one line');
  if (!canonical(lines[1].slice(`-> ${STANZA} `.length), 1120)) refuse('profile', 'the encapsulated key is not 1,120 bytes in base64');
  if (!canonical(lines[2], 32)) refuse('profile', 'the wrapped file key is not 32 bytes in base64');
  if (!mac.startsWith('--- ') || !canonical(mac.slice(4), 32)) refuse('profile', 'the header has no MAC of 32 bytes');
}

// decryptEnvelope gives the plaintext under the first identity that opens it, with its owner.
export async function decryptEnvelope(envelope, identities) {
  if (envelope.length === 0 || envelope.length > MAX_ENVELOPE) refuse('size', `${envelope.length} bytes`);
  checkProfile(envelope);
  for (const { identity, address } of identities) {
    const age = new Decrypter();
    age.addIdentity(identity);
    let plaintext;
    try {
      plaintext = await age.decrypt(envelope);
    } catch (e) {
      if (/no identity matched/.test(e.message)) continue;
      refuse('decrypt', `opened, but not to its end: ${e.message}`, 'ENVELOPE_DAMAGED');
    }
    return { plaintext, address };
  }
  refuse('decrypt', 'no identity opens it', 'CANNOT_DECRYPT');
}

// unpad gives the Signed bytes of a plaintext.
export function unpad(plaintext) {
  if (!SIZES.includes(plaintext.length)) refuse('padding', `${plaintext.length} bytes are none of the three sizes`);
  const length = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0);
  if (length === 0 || 4 + length > plaintext.length) refuse('frame', 'the length does not fit');
  if (plaintext.length !== SIZES.find((size) => size >= 4 + length)) refuse('padding', 'not the smallest size that fits');
  if (plaintext.subarray(4 + length).some((b) => b !== 0)) refuse('padding', 'the tail is not zero');
  return plaintext.subarray(4, 4 + length);
}
