// What a State says of itself. docs/protocol.md §8.1, §8.8
import { hex } from '../bytes.js';
import { refuse } from '../refusal.js';
import { big, hashOf, isDesk, keepContract, moment, readKey, readObject, readState, signers, span } from './rules.js';

export function readEntry(signed, realm) {
  const body = readObject(signed.object, 'Entry', { limit: 512 << 10, closed: false, realm });
  const state = readState(body.state, realm);
  const entry = { signed, hash: hashOf(signed.object), state, number: big(body.number), root: readKey(body.root, realm, 'the root'), revoked: new Set() };
  entry.next = body.next_root ? readKey(body.next_root, realm, 'the next root') : null;
  entry.desks = readPoints(entry, body.points_of_contact, realm);
  for (const p of body.further_points) {
    if (!isDesk(state, p.track) || p.signing_keys.length > 0) refuse('PAYLOAD', 'a further point of contact with keys or without a track');
  }
  readDates(entry, body);
  keepContract(body, 'Entry');
  plainText(body);
  checkFacts(body);
  if (signers(signed, 'entry', realm, [entry.root]).length === 0) refuse('BAD_SIGNATURE', 'not signed by its root');
  return entry;
}

// readPoints gives the keys of each desk.
function readPoints(entry, points, realm) {
  const desks = new Map();
  for (const p of points) {
    const address = `${entry.state}/${p.track}`;
    if (!isDesk(entry.state, p.track) || desks.has(address)) refuse('PAYLOAD', 'two desks of one track, or a track that it cannot have');
    desks.set(address, p.signing_keys.map((k) => {
      const key = readKey(k.key, realm, 'a signing key');
      span(k.valid_from, k.valid_until, 'a signing key');
      return key;
    }));
  }
  const halves = new Set();
  const claim = (key) => [hex(key.ed25519), hex(key.mldsa65)].forEach((half) => {
    if (halves.has(half)) refuse('SHARED_KEY', 'one key twice');
    halves.add(half);
  });
  [...desks.values()].flat().forEach(claim);
  claim(entry.root);
  if (entry.next) claim(entry.next);
  return desks;
}

function readDates(entry, body) {
  const [from, review] = [moment(body.valid_from), moment(body.review_by)];
  if (from !== null && review !== null && review <= from) refuse('VALIDITY', 'reviewed before it is valid');
  for (const r of body.revocations) {
    if (r.key_id.length !== 32) refuse('PAYLOAD', 'a revocation of no key');
    if (moment(r.since) === null) refuse('VALIDITY', 'a revocation without a date');
    entry.revoked.add(hex(r.key_id));
  }
}

const BAD = /[\p{Cc}\u2028-\u202e\ufeff]/u;

// plainText walks every text of a message.
function plainText(value) {
  if (typeof value === 'string' && BAD.test(value)) refuse('BAD_TEXT', 'a control character or direction override');
  if (!value || typeof value !== 'object' || ArrayBuffer.isView(value)) return;
  Object.values(value).forEach(plainText);
}

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, ZONE = /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, EMAIL = /^[^ @<>"]+@[^ @<>"]+$/;

function checkFacts(body) {
  const need = (rule, why) => rule || refuse('PAYLOAD', why);
  need(body.note_verbale_date === '' || isDay(body.note_verbale_date), 'the date of the note verbale');
  const points = [...body.points_of_contact, ...body.further_points];
  for (const p of points) {
    need(p.languages.every((l) => LANGUAGE.test(l)), 'a language');
    need(p.emails.every((e) => EMAIL.test(e)), 'an email address');
    need(p.time_zone === '' || ZONE.test(p.time_zone), 'a time zone');
  }
  for (const t of [body.names, ...points.flatMap((p) => [p.entity, p.designation])].flat()) {
    need(LANGUAGE.test(t.language) && t.text !== '', 'a text without words or language');
  }
}

function isDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
