// The list: its own rules, and the step from the one in force. docs/protocol.md §8.3, §8.8
import { hex } from '../bytes.js';
import { refuse } from '../refusal.js';
import { big, hashOf, keepContract, moment, readKey, readObject, readState, signers, span } from './rules.js';

export const FIRST = 1000000n, STEP = 512n;

export function readList(signed, realm) {
  const body = readObject(signed.object, 'List', { limit: 256 << 10, closed: true, realm });
  const [issued, expires] = span(body.issued, body.expires, 'the list');
  keepContract(body, 'List');
  const number = big(body.number), earlier = number - 1n < STEP ? number - 1n : STEP;
  if (BigInt(body.history.length) !== earlier) refuse('PAYLOAD', `names ${body.history.length} lists, not ${earlier}`);
  const list = { signed, hash: hashOf(signed.object), number, issued, expires, set: big(body.manager_set), history: body.history.map(hex) };
  list.members = readMembers(body.members, realm);
  list.left = readTombstones(body.tombstones, list.members, realm);
  list.relays = readRelays(body.relays, realm);
  return list;
}

const below = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

function readMembers(members, realm) {
  const found = new Map(), roots = new Set();
  let last = '';
  for (const m of members) {
    const state = readState(m.state, realm);
    if (last && !below(last, state)) refuse('PAYLOAD', 'members out of order');
    last = state;
    const number = big(m.entry_number), root = hex(m.root);
    if (number === 0n) refuse('PAYLOAD', 'entry number 0');
    if (roots.has(root)) refuse('SHARED_KEY', 'one root for two');
    roots.add(root);
    found.set(state, { number, root, hash: hex(m.entry_hash) });
  }
  return found;
}

function readTombstones(tombstones, members, realm) {
  const found = new Map();
  let last = '';
  for (const t of tombstones) {
    const state = readState(t.state, realm);
    if (last && !below(last, state)) refuse('PAYLOAD', 'tombstones out of order');
    last = state;
    if (moment(t.left) === null) refuse('VALIDITY', 'left on no date');
    const number = big(t.entry_number);
    if (members.has(state) && members.get(state).number <= number) refuse('TOMBSTONE', `${state} is back with an earlier entry`);
    found.set(state, number);
  }
  return found;
}

function readRelays(cards, realm) {
  const names = [], addresses = [];
  for (const signed of cards) {
    const card = readObject(signed.object, 'RelayCard', { limit: 8 << 10, closed: false, realm });
    keepContract(card, 'RelayCard');
    if (card.address === '' || card.name === '') refuse('PAYLOAD', 'a relay without address or name');
    if (card.key) {
      const key = readKey(card.key, realm, "a relay's key");
      if (signers(signed, 'relay-card', realm, [key]).length === 0) refuse('BAD_SIGNATURE', 'a card that its key did not sign');
    }
    if (names.includes(card.name) || addresses.includes(card.address)) refuse('SHARED_KEY', 'two relays of one name or address');
    names.push(card.name);
    addresses.push(card.address);
  }
  return names;
}

// stepTo checks a list against the one in force.
export function stepTo(list, old) {
  if (!old) {
    if (list.number > FIRST) refuse('FAST_FORWARD', 'a first list of the far future');
    return;
  }
  if (list.number < old.number) refuse('ROLLBACK', `list ${list.number}`);
  if (list.number === old.number) {
    if (list.hash !== old.hash) refuse('EQUIVOCATION', `another list ${list.number}`);
    return;
  }
  if (list.number - old.number > STEP) refuse('FAST_FORWARD', `list ${list.number}`);
  if (list.history[Number(list.number - old.number - 1n)] !== old.hash) refuse('EQUIVOCATION', `names another list ${old.number}`);
  for (const [state, before] of old.members) stepMember(state, before, list);
  for (const [state, number] of old.left) {
    if (!list.left.has(state) || list.left.get(state) < number) refuse('TOMBSTONE', `the tombstone of ${state} is gone`);
  }
}

function stepMember(state, before, list) {
  const now = list.members.get(state);
  if (!now) {
    if (!list.left.has(state) || list.left.get(state) < before.number) refuse('TOMBSTONE', `${state} vanished`);
    return;
  }
  if (now.number < before.number) refuse('ROLLBACK', `entry ${now.number} of ${state}`);
  if (now.number === before.number && now.hash !== before.hash) refuse('EQUIVOCATION', `another entry ${now.number} of ${state}`);
  if (now.number - before.number > STEP) refuse('FAST_FORWARD', `entry ${now.number} of ${state}`);
}
