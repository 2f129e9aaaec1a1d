// Key bundles: their own rules, and who may speak for a desk. docs/protocol.md §8.4, §8.8
import { Encrypter } from 'age-encryption';
import { refuse } from '../refusal.js';
import { big, hashOf, isDesk, keepContract, readObject, readState, signers, span } from './rules.js';
import { FIRST } from './list.js';

const LIFE = 45n * 86400n * 1000000000n, HIGHEST = 1n << 33n;

export function readBundle(signed, realm) {
  const body = readObject(signed.object, 'KeyBundle', { limit: 64 << 10, closed: false, realm });
  const [state, track, more] = body.address.split('/');
  if (!/^([A-Z]{2}|@[a-z]{2,30})$/.test(state) || more !== undefined || !isDesk(state, track)) refuse('PAYLOAD', 'no address');
  readState(state, realm);
  const [issued, expires] = span(body.issued, body.expires, 'the bundle');
  if (expires - issued > LIFE) refuse('VALIDITY', 'longer than 45 days');
  const recipients = readSealingKeys(body.sealing_keys);
  keepContract(body, 'KeyBundle');
  const [number, entry] = [big(body.number), big(body.entry_number)];
  if (number > HIGHEST || entry > FIRST) refuse('FAST_FORWARD', 'a number of the far future');
  if (!body.relay_nkeys.every(isUserNkey)) refuse('PAYLOAD', 'no user nkey');
  return {
    signed, hash: hashOf(signed.object), address: body.address, state, number, entry, recipients,
    mailbox: body.mailbox, token: body.sender_token, nkeys: body.relay_nkeys,
  };
}

function readSealingKeys(keys) {
  const found = [];
  for (const k of keys) {
    span(k.valid_from, k.accepted_until, 'a sealing key');
    if (!isRecipient(k.recipient)) refuse('PAYLOAD', 'no hybrid recipient');
    if (found.includes(k.recipient)) refuse('SHARED_KEY', 'one sealing key twice');
    found.push(k.recipient);
  }
  return found;
}

// isRecipient: an age recipient of the one kind. docs/protocol.md §4.4
function isRecipient(text) {
  if (!text.startsWith('age1pq1')) return false;
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

// isUserNkey: 0xA0, 32 bytes, and the CRC-16/XMODEM of these, low byte first, in base32.
function isUserNkey(text) {
  if (!/^[A-Z2-7]{56}$/.test(text)) return false;
  const raw = Buffer.alloc(35);
  let bits = 0n;
  for (const c of text) bits = (bits << 5n) | BigInt(BASE32.indexOf(c));
  for (let i = 34; i >= 0; i--, bits >>= 8n) raw[i] = Number(bits & 255n);
  let crc = 0;
  for (const byte of raw.subarray(0, 33)) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return raw[0] === 0xa0 && raw.readUInt16LE(33) === crc;
}

// speaksFor: a key of the desk in this entry signed the bundle, and none that was ever revoked.
export function speaksFor(bundle, entry, revoked, realm) {
  const ids = signers(bundle.signed, 'key-bundle', realm, entry.desks.get(bundle.address) ?? []);
  if (ids.length === 0) refuse('UNKNOWN_KEY', `nobody who speaks for ${bundle.address}`);
  if (ids.some((id) => revoked.has(id))) refuse('REVOKED_KEY', bundle.address);
  if (bundle.entry > entry.number) refuse('FAST_FORWARD', 'an entry that is not here yet');
}

// compare orders bundles of one desk.
export const compare = (a, b) => (a.entry !== b.entry ? (a.entry < b.entry ? -1 : 1) : a.number < b.number ? -1 : a.number > b.number ? 1 : 0);

