// Manager sets: their own rules, quorums, and the chain from one to the next. docs/protocol.md §8.3, §8.8
import { hex } from '../bytes.js';
import { refuse } from '../refusal.js';
import { big, hashOf, keepContract, readKey, readObject, signers } from './rules.js';

export function readSet(signed, realm) {
  const body = readObject(signed.object, 'ManagerSet', { limit: 128 << 10, closed: true, realm });
  if (body.threshold === 0 || body.threshold > body.managers.length) refuse('QUORUM', `threshold ${body.threshold} of ${body.managers.length}`);
  keepContract(body, 'ManagerSet');
  const keys = [], halves = new Set();
  for (const p of body.managers) {
    const key = readKey(p, realm, 'a manager');
    for (const half of [hex(key.ed25519), hex(key.mldsa65)]) {
      if (halves.has(half)) refuse('SHARED_KEY', 'one key twice');
      halves.add(half);
    }
    keys.push(key);
  }
  return { signed, hash: hashOf(signed.object), number: big(body.number), threshold: body.threshold, keys };
}

const count = (set, signed, purpose, realm) => signers(signed, purpose, realm, set.keys).length;

// requireQuorum: enough distinct managers of the set signed it.
export function requireQuorum(set, signed, purpose, realm) {
  if (count(set, signed, purpose, realm) < set.threshold) refuse('QUORUM', `too few of set ${set.number}`);
}

function requireAll(set, realm) {
  if (count(set, set.signed, 'manager-set', realm) < set.keys.length) refuse('QUORUM', `not all of set ${set.number}`);
}

// chain leads from the sets that are held, or from the sheet, to the newest of a file.
export function chain(held, offered, sheet, realm) {
  if (offered.length === 0) refuse('QUORUM', 'no managers');
  offered.forEach((set, i) => {
    if (i > 0 && set.number !== offered[i - 1].number + 1n) refuse('MIXED', 'sets that do not follow by number');
  });
  return held.length > 0 ? follow(held, offered, realm) : anchor(offered, sheet, realm);
}

function follow(held, offered, realm) {
  const sets = [...held];
  if (offered.at(-1).number < sets.at(-1).number) refuse('ROLLBACK', 'an earlier set');
  for (const next of offered) {
    const last = sets.at(-1);
    if (next.number <= last.number) {
      const same = sets.find((set) => set.number === next.number);
      if (same && same.hash !== next.hash) refuse('EQUIVOCATION', `another set ${next.number}`);
      continue;
    }
    if (next.number !== last.number + 1n) refuse('FAST_FORWARD', `set ${next.number} does not follow`);
    requireQuorum(last, next.signed, 'manager-set', realm);
    requireQuorum(next, next.signed, 'manager-set', realm);
    sets.push(next);
  }
  return sets;
}

function anchor(offered, sheet, realm) {
  const first = offered[0];
  if (first.number === 1n) requireAll(first, realm);
  else requireQuorum(first, first.signed, 'manager-set', realm);
  if (sheet.length === 0) refuse('UNKNOWN_KEY', 'nobody compared the managers');
  const same = (set) => set.keys.length === new Set(sheet).size && set.keys.every((k) => sheet.includes(k.id));
  const at = offered.findLastIndex(same);
  if (at < 0) refuse('KEY_CHANGED', 'other managers than on the sheet');
  requireAll(offered[at], realm);
  return follow(offered.slice(at, at + 1), offered.slice(at), realm);
}
