// Checks a proof that and when a message was exchanged, without its payload. docs/protocol.md §9.4
import { concat, equal, fromHex, hex, sha256, uint32, uint64, utf8 } from './bytes.js';
import { type } from './contract.js';
import { checkHeader } from './header.js';
import { verifyObject } from './object.js';
import { refuse } from './refusal.js';
import { bothVerify, contentDigest, keyId } from './signature.js';
import { includes } from './tree.js';
import { scan } from './wire.js';

const SENT = 1, RECEIVED = 2, REFUSED = 3;
const RECEIPT_BATCH = 100, OFFICERS = 99;
const big = (x) => BigInt(x.toString());
const time = (t) => new Date(Number(big(t.seconds)) * 1000 + Math.floor(t.nanos / 1e6)).toISOString();

// verifyProofs reads a file: proofs, each after its length as a varint. known maps addresses to key ids
// that are known from elsewhere, as 64 hexadecimal digits.
export function verifyProofs(file, known = {}) {
  const found = [];
  for (let at = 0; at < file.length;) {
    let size = 0, shift = 0, b;
    do {
      b = file[at++];
      if (b === undefined || shift > 28 || (b === 0 && shift > 0)) refuse('frame', 'a length that cannot be read');
      size += (b & 127) * 2 ** shift;
      shift += 7;
    } while (b > 127);
    if (size === 0 || size > file.length - at) refuse('frame', 'a proof that is cut off');
    found.push(verifyProof(file.subarray(at, at + size), known));
    at += size;
  }
  if (found.length === 0) refuse('frame', 'the file holds no proof');
  return found;
}

// verifyProof gives what one proof shows, or refuses it whole: every byte of it is covered by a
// signature or by the tree.
export function verifyProof(bytes, known = {}) {
  const p = parse(bytes, 'ExchangeProof');
  for (const part of ['signature', 'key', 'leaf', 'head', 'head_key']) if (!p[part]) refuse('frame', `no ${part}`);
  const { realm } = p;
  const header = readHeader(p.header, realm);
  if (header.kind > OFFICERS) refuse('header', 'no message between officers');
  const digest = digestOf(p.header, p.body_hash);
  const sender = speaker(realm, p.key, header.from, known);
  checkSignature(realm, p.signature, digest, sender);
  const ours = recordOwner(p.leaf, header);
  const head = checkTree(p, digest, speaker(realm, p.head_key, ours, known), ours);
  return {
    from: header.from, to: header.to, kind: header.kind, sequence: header.sequence.toString(), digest: hex(digest),
    thread: hex(header.thread), created: time(header.created), realm, recorded_by: ours,
    recorded: nanoseconds(p.leaf.recorded), head: { size: head.size.toString(), root: hex(head.root), at: time(head.at) },
    receipt: p.receipt ? checkReceipt(p, header, digest, known) : null,
    keys: { [header.from]: hex(sender.id), ...(p.receipt && { [header.to]: hex(idOf(realm, p.receipt.key)) }), ...(ours === header.to && { [ours]: hex(idOf(realm, p.head_key)) }) },
  };
}

// parse takes the one encoding of a message and nothing beside it.
function parse(bytes, name) {
  const t = type(name);
  if (scan(bytes, t)) refuse('frame', `unknown parts in ${name}`);
  const m = t.decode(bytes);
  if (!equal(t.encode(m).finish(), bytes)) refuse('frame', `not the one encoding of ${name}`);
  return m;
}

function readHeader(bytes, realm) {
  const t = type('Header');
  if (scan(bytes, t, { openEnums: ['Kind'] })) refuse('header', 'a part that cannot be read');
  const header = t.decode(bytes);
  checkHeader(header, realm, true);
  return header;
}

function digestOf(header, bodyHash) {
  if (bodyHash.length !== 32) refuse('frame', 'the hash of the body has another length');
  return sha256(utf8('valise/v1/content'), Uint8Array.of(0), sha256(header), bodyHash);
}

const idOf = (realm, key) => keyId(realm, 1, key.ed25519, key.mldsa65);

// speaker is who speaks with a key; where the key of that POC is known from elsewhere, it must be that.
function speaker(realm, key, address, known) {
  if (key.suite !== 1 || key.ed25519.length !== 32 || key.mldsa65.length !== 1952) refuse('key', 'no key of suite 1');
  const id = idOf(realm, key);
  if (known[address] !== undefined && !equal(fromHex(known[address]), id)) refuse('key', `this is not the known key of ${address}`);
  return { id, address, ed25519: concat(key.ed25519), mldsa65: concat(key.mldsa65) };
}

function checkSignature(realm, s, digest, by) {
  if (s.suite !== 1 || !equal(s.key_id, by.id)) refuse('signature', 'the signature names another key');
  const signed = { suite: 1, keyId: by.id, ed25519: concat(s.ed25519), mldsa65: concat(s.mldsa65) };
  if (!bothVerify(realm, 'content', signed, digest, by)) refuse('signature', 'a signature does not verify');
}

// recordOwner is whose record tells of the message: the sender's that it was sent, the addressee's that
// it was received or refused.
function recordOwner(leaf, header) {
  if (leaf.type === SENT) return header.from;
  if (leaf.type === RECEIVED || leaf.type === REFUSED) return header.to;
  return refuse('leaf', 'an item of another type');
}

// checkTree leads from the item to a head that its owner has signed. docs/protocol.md §9.1, §9.2
function checkTree(p, digest, owner, address) {
  const head = readHead(p, owner);
  if (head.realm !== p.realm || head.address !== address || head.root.length !== 32) refuse('head', 'the head is not of that record');
  const { leaf } = p;
  if (leaf.stored.length !== 32 || leaf.path.some((h) => h.length !== 32)) refuse('leaf', 'a hash of another length');
  const hash = sha256(
    Uint8Array.of(0), utf8('valise/v1/leaf'), Uint8Array.of(0), uint64(big(leaf.number)), uint32(leaf.type),
    uint64(BigInt.asUintN(64, big(leaf.recorded))), digest, leaf.stored,
  );
  if (!includes(hash, big(leaf.number), big(head.size), leaf.path, head.root)) refuse('leaf', 'the path does not lead to the head');
  return head;
}

function readHead(p, owner) {
  if (p.head.signatures.length !== 1) refuse('head', 'a head has one signature');
  const { object, keyIds } = verifyObject(type('SignedObject').encode(p.head).finish(), 'tree-head', { realm: p.realm, speakers: [owner] });
  if (keyIds.length !== 1) refuse('head', 'the head is signed by another key');
  return parse(object, 'TreeHead');
}

// checkReceipt says what the addressee has signed for: this message, recorded or refused; or only that
// its number is recorded, where nothing leads from the message to the mark. docs/protocol.md §7.4
function checkReceipt(p, header, digest, known) {
  const r = p.receipt;
  if (!r.signature || !r.key) refuse('receipt', 'no signature');
  const about = readHeader(r.header, p.realm);
  if (about.kind !== RECEIPT_BATCH || about.from !== header.to || about.to !== header.from) refuse('receipt', 'no receipt of the addressee');
  if (r.body.length < 32) refuse('receipt', 'no body');
  checkSignature(p.realm, r.signature, contentDigest(r.header, r.body), speaker(p.realm, r.key, header.to, known));
  const batch = parse(r.body.subarray(32), 'ReceiptBatch');
  const line = batch.channels.find((c) => c.mark.lane === header.lane && big(c.mark.epoch) === big(header.epoch));
  if (!line) refuse('receipt', 'it tells nothing of this channel');
  const shown = { at: time(about.created), epoch: big(batch.epoch).toString(16), number: batch.number.toString() };
  return { says: coverage(line, header, digest, r.links, p.realm), ...shown };
}

function coverage(line, header, digest, links, realm) {
  const [mark, sequence] = [big(line.mark.mark), big(header.sequence)];
  const held = line.held.some((h) => big(h.sequence) === sequence && equal(h.digest, digest));
  const end = followLinks(links, header, digest, realm);
  if (links.length > 0 && end.sequence !== mark) refuse('receipt', 'the links do not lead to the mark');
  if (mark < sequence && !held) refuse('receipt', 'it does not cover the message');
  if (end.sequence === mark && !equal(end.digest, line.mark.digest)) refuse('receipt', 'it names another message');
  if (end.sequence !== mark && !held) return 'number';
  return line.refused.some((x) => equal(x.digest, digest)) ? 'refused' : 'recorded';
}

// followLinks goes from header to header of one channel, each of which names the one before.
// docs/protocol.md §7.1
function followLinks(links, header, digest, realm) {
  let last = { sequence: big(header.sequence), digest };
  for (const link of links) {
    const next = readHeader(link.header, realm);
    const same = ['from', 'to', 'lane'].every((f) => next[f] === header[f]) && big(next.epoch) === big(header.epoch);
    if (!same || big(next.sequence) !== last.sequence + 1n || !equal(next.previous, last.digest)) refuse('receipt', 'a link that does not follow');
    last = { sequence: big(next.sequence), digest: digestOf(link.header, link.body_hash) };
  }
  return last;
}

function nanoseconds(recorded) {
  const n = big(recorded);
  return new Date(Number(n / 1000000n)).toISOString();
}
