// Runs every vector of proto/vectors through this opener, which shares no code with the Go one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { equal, fromHex, hex, sha256 } from './bytes.js';
import { openEnvelope, openSigned, Refusal } from './opener.js';
import { verifyObject } from './object.js';

const folder = new URL('../../proto/vectors/', import.meta.url);
const file = (name) => new Uint8Array(readFileSync(new URL(name, folder)));
const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));

const lastLine = (name) => readFileSync(new URL(name, folder), 'utf8').trim().split('\n').at(-1);

const node = {
  realm: index.realm,
  mine: index.mine,
  identities: index.sealing_keys.filter((k) => k.held).map((k) => ({ identity: lastLine(k.file), address: k.address })),
  speakers: index.signing_keys.filter((k) => k.known).map((k) => ({
    ed25519: fromHex(k.ed25519), mldsa65: fromHex(k.mldsa65), address: k.address, revoked: k.revoked, id: k.key_id,
  })),
};

const PURPOSES = ['content', 'entry', 'list', 'manager-set', 'key-bundle', 'relay-card', 'tree-head', 'transcript', 'proposal'];

test('there are vectors of both layers, accepted and refused at every step', () => {
  const steps = new Set(index.messages.map((m) => m.expect));
  for (const step of ['ok', 'size', 'profile', 'decrypt', 'padding', 'frame', 'key', 'signature', 'wire', 'header', 'addressee']) {
    assert.ok(steps.has(step), `no vector for ${step}`);
  }
});

for (const vector of index.messages) {
  test(`${vector.layer} ${vector.name}: ${vector.expect}`, async () => {
    const bytes = file(vector.file);
    assert.equal(bytes.length, vector.size);
    const opening = async () => (vector.layer === 'envelope' ? openEnvelope(bytes, node) : openSigned(bytes, node));
    if (vector.expect !== 'ok') {
      await assert.rejects(opening, (e) => {
        assert.ok(e instanceof Refusal, e.stack);
        assert.equal(e.step, vector.expect, e.message);
        if (e.reason) assert.equal(`REASON_${e.reason}`, vector.reason, e.message);
        return true;
      });
      return;
    }
    const opened = await opening();
    assert.equal(hex(opened.digest), vector.digest);
    assert.equal(hex(opened.keyId), vector.key_id);
    assert.equal(opened.openedFor, vector.opened_for);
    assert.equal(opened.unknownParts, vector.unknown_parts ?? false);
    compareHeader(opened.header, vector.header);
    assert.equal(hex(sha256(opened.signed.header)), vector.header_sha256);
    assert.equal(hex(sha256(opened.signed.body)), vector.body_sha256);
    assert.equal(opened.payload.type ?? undefined, vector.payload_type);
    assert.equal(opened.payload.bytes.length, vector.payload_size ?? 0);
    if (vector.payload) assert.equal(hex(opened.payload.bytes), vector.payload);
    if (vector.payload_sha256) assert.equal(hex(sha256(opened.payload.bytes)), vector.payload_sha256);
  });
}

function compareHeader(read, want) {
  for (const key of ['version', 'minor_version', 'realm', 'kind', 'from', 'to', 'lane']) assert.equal(read[key], want[key], key);
  for (const key of ['sequence', 'thread_sequence', 'directory_number']) assert.equal(read[key].toString(), want[key], key);
  for (const key of ['previous', 'thread', 'in_reply_to', 'last_seen', 'message_id', 'directory_hash']) assert.equal(hex(read[key]), want[key], key);
  assert.equal(BigInt(read.epoch.toString()).toString(16).padStart(16, '0'), want.epoch);
  assert.equal(read.opening !== null && read.opening !== undefined, want.opening !== undefined, 'opening');
}

for (const vector of index.objects) {
  test(`object ${vector.name}: ${vector.expect}`, () => {
    const bytes = file(vector.file);
    const verify = (purpose) => verifyObject(bytes, purpose, node);
    if (vector.expect !== 'ok') {
      assert.throws(() => verify(vector.purpose), (e) => e instanceof Refusal && e.step === vector.expect);
      return;
    }
    const result = verify(vector.purpose);
    assert.equal(hex(result.object), vector.object);
    assert.deepEqual(result.keyIds.map(hex), vector.key_ids ?? []);
    if (result.keyIds.length === 0) return;
    for (const other of PURPOSES.filter((p) => p !== vector.purpose)) {
      assert.throws(() => verify(other), Refusal, `taken for ${other}`);
    }
  });
}

test('a changed byte anywhere in a signed content is refused', () => {
  const vector = index.messages.find((m) => m.name === 'kind-inquiry');
  const good = file(vector.file);
  for (let at = 0; at < good.length; at += 7) {
    const bad = good.slice();
    bad[at] ^= 1;
    assert.throws(() => openSigned(bad, node), Refusal, `byte ${at}`);
  }
  assert.ok(equal(openSigned(good, node).digest, fromHex(vector.digest)));
});
