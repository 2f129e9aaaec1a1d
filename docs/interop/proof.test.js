// Two States exchange messages through the real program; a third party's machine has this verifier and
// the exported file alone. It shares no code with the program.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { concat } from './bytes.js';
import { type } from './contract.js';
import { verifyProof, verifyProofs } from './proof.js';
import { Refusal } from './refusal.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'valise-proof-'));
const valise = path.join(folder, 'valise');
const at = (...names) => path.join(folder, ...names);
const run = (...args) => execFileSync(valise, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const json = (...args) => JSON.parse(run(...args, '--json').trim().split('\n').at(-1));

let message, sent, received, sentFile;

// one is the only proof of a file, without its length.
const one = (file) => {
  let from = 0;
  while (file[from] > 127) from++;
  return file.subarray(from + 1);
};

const exported = (state, name, ...args) => {
  run('record', 'export', '--home', at('L', state), '--form', 'proof', '--out', at(name), ...args);
  return new Uint8Array(readFileSync(at(name)));
};

before(async () => {
  execFileSync('go', ['build', '-o', valise, './cmd/valise'], { cwd: path.join(here, '../..') });
  writeFileSync(at('inquiry.toml'), 'title = "SECRET-WORDS"\n[originator]\nname = "N. Oduya"\nphone = "+999 000 0002"\n');
  run('lab', 'new', '--home', at('L'), '--states', 'XA,XB', '--json');
  const lab = spawn(valise, ['lab', 'run', '--home', at('L')], { stdio: 'ignore' });
  const ended = new Promise((done) => { lab.on('exit', done); });
  try {
    for (const state of ['XA', 'XB']) run('node', 'status', '--home', at('L', state), '--wait-ready', '60s');
    const send = ['inquiry', 'send', '--home', at('L/XA'), '--to', 'XB/technical', '--file', at('inquiry.toml'), '--yes'];
    message = json(...send, '--wait', 'receipt', '--timeout', '60s').message;
    await Promise.all(Array.from({ length: 5 }, () => promisify(execFile)(valise, [...send, '--wait', 'receipt', '--timeout', '60s'])));
    sentFile = exported('XA', 'sent.proof', '--message', message);
    sent = one(sentFile);
    received = one(exported('XB', 'received.proof', '--message', message));
  } finally {
    lab.kill('SIGTERM');
    await ended;
  }
});

after(() => rmSync(folder, { recursive: true }));

test('a third party confirms who sent to whom and when, and reads no content', () => {
  const out = spawnSync('node', [path.join(here, 'verify-proof.js'), at('sent.proof')], { encoding: 'utf8' });
  assert.equal(out.status, 0, out.stderr);
  assert.match(out.stdout, /^XA\/technical sent to XB\/technical a message of kind 1, number 1/);
  assert.match(out.stdout, /XB\/technical signed that it recorded this message/);
  assert.match(out.stdout, /NOT known from elsewhere/);
  for (const file of [sent, received]) assert.ok(!Buffer.from(file).includes('SECRET-WORDS'));
  const [a, b] = [verifyProof(sent), verifyProof(received)];
  assert.equal(a.digest, b.digest);
  assert.deepEqual([a.recorded_by, b.recorded_by], ['XA/technical', 'XB/technical']);
  assert.equal(b.receipt, null);
});

test('keys are held against those known from elsewhere', () => {
  const { keys } = verifyProof(sent);
  verifyProof(sent, keys);
  for (const address of Object.keys(keys)) {
    assert.throws(() => verifyProof(sent, { ...keys, [address]: '00'.repeat(32) }), Refusal);
  }
  const status = (key) => spawnSync('node', [path.join(here, 'verify-proof.js'), at('sent.proof'), `XA/technical=${key}`]).status;
  assert.equal(status(keys['XA/technical']), 0);
  assert.equal(status(keys['XB/technical']), 7);
  assert.equal(status('no key'), 2);
});

test('with links every receipt leads to its message; without, it names at least the number', () => {
  const all = verifyProofs(exported('XA', 'linked.proof', '--links'));
  assert.equal(all.length, 6);
  for (const p of all) assert.equal(p.receipt.says, 'recorded');
  for (const p of verifyProofs(exported('XA', 'unlinked.proof'))) assert.ok(['recorded', 'number'].includes(p.receipt.says));
});

// Every byte outside ML-DSA signatures and keys, and every 199th of the long ones: each is refused at once or by a
// signature, so that a flipped bit anywhere is found.
test('a flipped bit anywhere is found', () => {
  for (const good of [sent, received]) {
    const p = type('ExchangeProof').decode(good);
    const long = new Uint8Array(good.length);
    for (const part of [p.signature, p.key, p.head.signatures[0], p.head_key, p.receipt?.signature, p.receipt?.key]) {
      if (!part) continue;
      const from = Buffer.from(good).indexOf(part.mldsa65);
      long.fill(1, from, from + part.mldsa65.length);
    }
    for (let i = 0; i < good.length; i++) {
      if (long[i] && i % 199 !== 0) continue;
      const bad = good.slice();
      bad[i] ^= 1 << (i % 8);
      assert.throws(() => verifyProof(bad), `byte ${i}, bit ${i % 8}`);
    }
  }
});

test('a file that was cut, prolonged or put together is refused', () => {
  for (let n = 0; n < sentFile.length; n += 97) assert.throws(() => verifyProofs(sentFile.subarray(0, n)), `cut at ${n}`);
  assert.throws(() => verifyProofs(concat(sentFile, Uint8Array.of(0))));
  const flipped = sentFile.slice();
  flipped[100] ^= 4;
  writeFileSync(at('flipped.proof'), flipped);
  assert.equal(spawnSync('node', [path.join(here, 'verify-proof.js'), at('flipped.proof')]).status, 7);
});

test('parts of two proofs make no third', () => {
  const t = type('ExchangeProof');
  const [a, b] = [sent, received].map((bytes) => t.decode(bytes));
  const mixed = (changes) => t.encode({ ...a, ...changes }).finish();
  verifyProof(mixed({}));
  for (const changes of [
    { leaf: b.leaf }, { head: b.head }, { head_key: b.head_key }, { leaf: b.leaf, head: b.head },
    { leaf: { ...a.leaf, type: 2 } }, { leaf: { ...a.leaf, path: a.leaf.path.slice(1) } }, { leaf: { ...a.leaf, path: [...a.leaf.path, a.body_hash] } },
    { realm: 'operational' }, { receipt: { ...a.receipt, links: [{ header: a.header, body_hash: a.body_hash }] } },
    { receipt: { ...a.receipt, header: a.header } }, { signature: a.receipt.signature }, { key: a.receipt.key },
  ]) {
    assert.throws(() => verifyProof(mixed(changes)), Refusal, JSON.stringify(Object.keys(changes)));
  }
  // The receipt may be left out: then the sender alone says so.
  assert.equal(verifyProof(mixed({ receipt: null })).receipt, null);
  // Both of one record: item, head and key of the addressee fit together.
  assert.equal(verifyProof(mixed({ leaf: b.leaf, head: b.head, head_key: b.head_key })).recorded_by, 'XB/technical');
});
