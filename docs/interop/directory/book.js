// A directory as a reader holds it, and the steps by which it takes a file. A book is never changed:
// every step gives another one. docs/protocol.md §8.8
import { Decrypter } from 'age-encryption';
import { hex, sha256 } from '../bytes.js';
import { type } from '../contract.js';
import { Refusal, refuse } from '../refusal.js';
import { compare, readBundle, speaksFor } from './bundle.js';
import { readEntry } from './entry.js';
import { FIRST, readList, STEP, stepTo } from './list.js';
import { chain, readSet, requireQuorum } from './managers.js';
import { Owners } from './owners.js';
import { hashOf, readObject } from './rules.js';

export const empty = { sets: [], list: null, states: new Map(), bundles: new Map(), marks: new Map() };

// take gives the book after a directory file. sheet are key ids of managers, for the first one.
export function take(book, file, sheet, realm) {
  const body = readObject(file, 'ImportBundle', { limit: 64 << 20, closed: true });
  if (!body.list) refuse('MIXED', 'no list');
  const offered = body.manager_sets.map((s) => readSet(s, realm));
  const sets = chain(book.sets, offered, sheet, realm);
  requireQuorum(sets.at(-1), body.list, 'list', realm);
  const list = readList(body.list, realm);
  if (list.set !== sets.at(-1).number) refuse('MIXED', `made under set ${list.set}`);
  stepTo(list, book.list);
  checkIdentity(body.reading_key);
  const entries = readEntries(book, list, body.entries, realm);
  const bundles = readBundles(list, body.key_bundles, realm);
  const next = { sets, list, states: putInForce(book, list, entries), bundles: new Map(), marks: new Map(book.marks) };
  takeBundles(book, next, bundles, realm);
  return next;
}

// checkIdentity: absent, or an age identity of the kind of sealing keys.
export function checkIdentity(text) {
  if (text === '') return;
  try {
    if (!text.startsWith('AGE-SECRET-KEY-PQ-1')) throw new Error('of another kind');
    new Decrypter().addIdentity(text);
  } catch (e) {
    refuse('PAYLOAD', `no reading key: ${e.message}`);
  }
}

const everInForce = (standing) => [...(standing?.earlier ?? []), ...(standing?.current ? [standing.current] : [])];

// readEntries finds the entry of each member, in the file or in the book.
function readEntries(book, list, signed, realm) {
  const offered = new Map();
  for (const s of signed) {
    if (offered.has(hashOf(s.object))) refuse('MIXED', 'one entry twice');
    offered.set(hashOf(s.object), s);
  }
  const found = [];
  for (const [state, line] of list.members) {
    const standing = book.states.get(state);
    let entry = [...everInForce(standing), ...(standing?.quarantined ? [standing.quarantined] : [])].find((e) => e.hash === line.hash);
    if (!entry) {
      if (!offered.has(line.hash)) refuse('MIXED', `no entry of ${state}`);
      entry = readEntry(offered.get(line.hash), realm);
    }
    offered.delete(line.hash);
    if (entry.state !== state || entry.number !== line.number || entry.root.id !== line.root) refuse('MIXED', `not what the list says of ${state}`);
    found.push(entry);
  }
  if (offered.size > 0) refuse('MIXED', 'an entry that the list does not name');
  return found;
}

function readBundles(list, signed, realm) {
  const found = [];
  for (const s of signed) {
    const b = readBundle(s, realm);
    if (found.some((other) => other.address === b.address)) refuse('MIXED', 'two bundles of one desk');
    if (!list.members.has(b.state)) refuse('MIXED', 'a bundle of no member');
    found.push(b);
  }
  return found;
}

// putInForce gives the standing of every State: the entry in force, one in quarantine, those before.
function putInForce(book, list, entries) {
  const states = new Map(book.states);
  for (const e of entries) states.set(e.state, standingWith(book.states.get(e.state), e));
  for (const [state, s] of book.states) {
    if (!list.members.has(state)) states.set(state, { current: null, quarantined: null, earlier: everInForce(s) });
  }
  return states;
}

function standingWith(known, e) {
  const last = everInForce(known).at(-1);
  if (!last && e.number > FIRST) refuse('FAST_FORWARD', `first entry ${e.number}`);
  if (known?.current?.hash === e.hash) return known;
  if (last) {
    if (e.number < last.number) refuse('ROLLBACK', `entry ${e.number} of ${e.state}`);
    if (e.number === last.number) refuse('EQUIVOCATION', `entry ${e.number} of ${e.state}`);
    if (e.number - last.number > STEP) refuse('FAST_FORWARD', `entry ${e.number} of ${e.state}`);
    if (e.root.id !== last.root.id && e.root.id !== last.next?.id) return { ...known, quarantined: e };
  }
  return { current: e, quarantined: null, earlier: everInForce(known) };
}

const revokedBy = (standing) => new Set(everInForce(standing).flatMap((e) => [...e.revoked]));

function takeBundles(book, next, bundles, realm) {
  const owners = claimKeys(next);
  const kept = new Map(book.bundles);
  for (const b of bundles) {
    const standing = next.states.get(b.state);
    if (standing.quarantined) {
      speaksFor(b, standing.quarantined, new Set(), realm);
      owners.claimBundle(b);
      continue;
    }
    speaksFor(b, standing.current, revokedBy(standing), realm);
    const highest = next.marks.get(b.address);
    if (highest && (compare(b, highest) < 0 || (compare(b, highest) === 0 && b.hash !== highest.hash))) continue;
    owners.claimBundle(b);
    next.bundles.set(b.address, b);
    next.marks.set(b.address, b);
    kept.delete(b.address);
  }
  for (const address of [...kept.keys()].sort()) keep(next, kept.get(address), owners, realm);
}

// keep keeps a bundle that the file does not have, where its signer still speaks.
function keep(next, bundle, owners, realm) {
  const standing = next.states.get(bundle.state);
  if (!standing?.current) return;
  try {
    speaksFor(bundle, standing.current, revokedBy(standing), realm);
    new Owners(owners).claimBundle(bundle);
  } catch (e) {
    if (e instanceof Refusal) return;
    throw e;
  }
  owners.claimBundle(bundle);
  next.bundles.set(bundle.address, bundle);
}

function claimKeys(book) {
  const owners = new Owners();
  book.sets.forEach((set) => set.keys.forEach((key) => owners.claimKey(key, 'manager')));
  for (const state of [...book.states.keys()].sort()) {
    const standing = book.states.get(state);
    everInForce(standing).forEach((e) => owners.claimEntry(e));
    if (standing.quarantined) owners.claimEntry(standing.quarantined);
  }
  return owners;
}

// learn takes a bundle of a KeyNotice. docs/protocol.md §8.4
export function learn(book, signed, realm) {
  const b = readBundle(signed, realm);
  const standing = book.states.get(b.state);
  if (!standing?.current) refuse('UNKNOWN_KEY', 'a State without an entry in force');
  speaksFor(b, standing.current, revokedBy(standing), realm);
  const highest = book.marks.get(b.address);
  if (highest && compare(b, highest) < 0) refuse('ROLLBACK', 'an older bundle');
  if (highest && compare(b, highest) === 0 && b.hash !== highest.hash) refuse('EQUIVOCATION', 'another bundle of one number');
  const owners = new Owners();
  for (const [address, other] of book.bundles) if (address !== b.address) owners.claimBundle(other);
  owners.claimBundle(b);
  return { ...book, bundles: new Map(book.bundles).set(b.address, b), marks: new Map(book.marks).set(b.address, b) };
}

// partsOf are all signed objects of a book but its list, by the SHA-256 of their bytes.
export function partsOf(book) {
  const parts = new Map();
  const add = (signed) => {
    const bytes = type('SignedObject').encode(signed).finish();
    parts.set(hex(sha256(bytes)), bytes);
  };
  book.sets.forEach((s) => add(s.signed));
  for (const s of book.states.values()) [s.current, s.quarantined].forEach((e) => e && add(e.signed));
  for (const b of book.bundles.values()) add(b.signed);
  return parts;
}
