// Runs every vector of proto/vectors/directory through this reader, which shares no code with the Go one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { concat, fromHex, hex, sha256 } from './bytes.js';
import { type } from './contract.js';
import { empty, learn, take } from './directory/book.js';
import { readRelay } from './directory/relay.js';
import { moment } from './directory/rules.js';
import { parseObject, verifyParsed } from './object.js';
import { Refusal } from './refusal.js';

const folder = new URL('../../proto/vectors/', import.meta.url);
const read = (name) => new Uint8Array(readFileSync(new URL(name, folder)));
const index = JSON.parse(readFileSync(new URL('directory/index.json', folder), 'utf8'));
const { realm } = index;
const identity = (name) => index.identities.find((k) => k.name === name)?.identity;

const files = new Map(index.files.map((v) => [v.name, v]));
const bytesOf = (v) => concat(...v.parts.map(read));
const books = new Map([['', empty]]);

// bookAfter has taken these files.
function bookAfter(before) {
  const key = before.join('\n');
  if (!books.has(key)) books.set(key, take(bookAfter(before.slice(0, -1)), bytesOf(files.get(before.at(-1))), index.managers, realm));
  return books.get(key);
}

// judge holds what work does against a row.
async function judge(row, work) {
  if (row.expect === 'ok') {
    assert.deepEqual(inForce(await work()), row.in_force);
    return;
  }
  await assert.rejects(async () => work(), (e) => {
    assert.ok(e instanceof Refusal, e.stack);
    assert.equal(`REASON_${e.step}`, row.reason, e.message);
    return true;
  });
}

function inForce(book) {
  const set = book.sets.at(-1);
  const states = [...book.list.members.keys()];
  const row = (state) => {
    const e = book.states.get(state).current;
    return { state, root: e?.root.id ?? '', entry_number: String(e?.number ?? ''), entry_sha256: e?.hash ?? '' };
  };
  return {
    number: String(book.list.number), hash: book.list.hash,
    expires: new Date(Number(book.list.expires / 1000000n)).toISOString().replace('.000', ''),
    manager_set: String(set.number), threshold: set.threshold, managers: set.keys.map((k) => k.id),
    states: states.map(row),
    left: [...book.list.left.keys()].filter((state) => !book.list.members.has(state)),
    bundles: [...book.bundles.values()].sort((a, b) => (a.address < b.address ? -1 : 1)).map((b) => ({
      address: b.address, entry_number: String(b.entry), number: String(b.number), sha256: b.hash,
    })),
    relays: book.list.relays,
    in_question: [...book.states].filter(([, s]) => s.quarantined).sort().map(([state, s]) => ({ state, root: s.quarantined.root.id })),
  };
}

test('every reason has its vectors, and what is not here says why', () => {
  const reasons = new Set([...index.files, ...index.notices, ...index.relays].map((v) => v.reason));
  for (const r of ['ROLLBACK', 'EQUIVOCATION', 'FAST_FORWARD', 'QUORUM', 'TOMBSTONE', 'SHARED_KEY', 'MIXED', 'VALIDITY', 'KEY_CHANGED', 'PART_DAMAGED']) {
    assert.ok(reasons.has(`REASON_${r}`), r);
  }
  assert.ok(index.not_here.every((v) => v.name && v.why));
});

for (const v of index.files) {
  test(`file ${v.name}: ${v.reason ?? 'ok'}`, async () => {
    const file = bytesOf(v);
    assert.equal(file.length, v.size);
    assert.equal(hex(sha256(file)), v.sha256);
    await judge(v, () => take(bookAfter(v.before), file, v.trust ?? index.managers, realm));
  });
}

for (const v of index.notices) {
  test(`notice ${v.name}: ${v.reason ?? 'ok'}`, () => judge(v, () => learn(bookAfter(v.before), parseObject(read(v.file)), realm)));
}

for (const v of index.relays) {
  test(`relay ${v.name}: ${v.reason ?? 'ok'}`, async () => {
    const layout = index.layouts.find((l) => l.name === v.layout);
    const shelf = new Map(layout.objects.map((o) => [o.name, read(o.file)]));
    (v.without ?? []).forEach((name) => shelf.delete(name));
    (v.with ?? []).forEach((o) => shelf.set(o.name, read(o.file)));
    const reader = { readingKey: identity(v.reading_key), mailbox: v.mailbox, identity: identity(v.identity) };
    await judge(v, async () => {
      const book = bookAfter(v.before);
      const file = await readRelay(book, shelf, reader, realm);
      if (file === null) {
        assert.equal(v.file, undefined);
        return book;
      }
      if (v.file) assert.equal(hex(sha256(file)), v.file);
      return take(book, file, [], realm);
    });
  });
}

for (const l of index.layouts) {
  test(`layout ${l.name} is a relay.objects`, () => {
    const objects = l.objects.map((o) => ({ name: o.name, data: read(o.file) }));
    const bytes = type('RelayObjects').encode({ realm, number: Number(l.number), objects }).finish();
    assert.equal(hex(sha256(bytes)), l.sha256);
  });
}

for (const v of index.objects) {
  test(`object ${v.name}`, () => {
    const signed = parseObject(read(v.file));
    assert.equal(hex(sha256(signed.object)), v.sha256);
    const speakers = v.keys.map((k) => ({ ed25519: fromHex(k.ed25519), mldsa65: fromHex(k.mldsa65) }));
    assert.deepEqual(verifyParsed(signed, v.purpose, { realm, speakers }).map(hex), v.signers);
    const message = type(v.type.replace('valise.v1.', ''));
    assert.deepEqual(asJson(message.decode(signed.object), message), v.says);
  });
}

// asJson writes a message as protobuf's JSON does: what is absent is left out.
function asJson(message, messageType) {
  const out = {};
  for (const field of messageType.fieldsArray) {
    field.resolve();
    const value = message[field.name];
    const written = (x) => scalar(x, field);
    if (field.repeated && value.length > 0) out[field.name] = value.map(written);
    else if (!field.repeated && Object.hasOwn(message, field.name) && value !== null) out[field.name] = written(value);
  }
  return out;
}

function scalar(value, field) {
  const kind = field.resolvedType;
  if (kind?.fullName === '.google.protobuf.Timestamp') return new Date(Number(moment(value) / 1000000n)).toISOString().replace('.000', '');
  if (kind?.fieldsArray) return asJson(value, kind);
  if (kind?.valuesById) return kind.valuesById[value];
  if (field.type === 'bytes') return Buffer.from(value).toString('base64');
  return field.type === 'uint64' ? value.toString() : value;
}
