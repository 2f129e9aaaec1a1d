// The directory as a relay keeps it: head, pieces, reading keys. docs/protocol.md §8.6
import { concat, hex, sha256 } from '../bytes.js';
import { type } from '../contract.js';
import { decryptEnvelope, unpad } from '../envelope.js';
import { Refusal, refuse } from '../refusal.js';
import { checkIdentity, partsOf } from './book.js';
import { STEP } from './list.js';
import { as, big, hashOf, keepContract, readObject, readSigned } from './rules.js';

const PIECE = 262140, ALL = 64 << 20;
const SET = 1, LIST = 2, ENTRY = 3;

// open gives what one object holds. docs/protocol.md §4.4
const open = (object, identity) => as(async () => unpad((await decryptEnvelope(object, [{ identity }])).plaintext));

// readRelay puts the directory file together that lies at a relay, or gives null where there is nothing
// to do. reader holds a reading key and may have a mailbox with the identity that opens what lies there.
export async function readRelay(book, shelf, reader, realm) {
  let reading = reader.readingKey, content;
  try {
    content = await open(shelf.get('head'), reading);
  } catch (e) {
    if (e.step !== 'CANNOT_DECRYPT' || !reader.mailbox) throw e;
    reading = await readingKey(shelf.get(reader.mailbox), reader.identity, realm);
    content = await open(shelf.get('head'), reading);
  }
  const head = readHead(content, realm);
  if (!book.list) refuse('NOT_FOUND', 'first contact is by file');
  if (head.number < book.list.number) refuse('ROLLBACK', `list ${head.number}`);
  if (head.number - book.list.number > STEP) refuse('FAST_FORWARD', `list ${head.number}`);
  if (head.listHash === book.list.hash) return null;
  return assemble(book, head, shelf, reading);
}

async function readingKey(object, identity, realm) {
  const body = readObject(await open(object, identity), 'ReadingKey', { limit: PIECE, closed: true, realm });
  if (body.key === '') refuse('PAYLOAD', 'a reading key of nobody');
  checkIdentity(body.key);
  return body.key;
}

function readHead(content, realm) {
  const body = readObject(content, 'DirectoryHead', { limit: PIECE, closed: true, realm });
  keepContract(body, 'DirectoryHead');
  const seen = new Set();
  let last = 0, total = 0, lists = 0;
  for (const p of body.parts) {
    if (p.kind < last) refuse('MIXED', 'parts out of order');
    last = p.kind;
    total += p.size;
    if (p.size > 8 * PIECE || total > ALL) refuse('TOO_LARGE', `${total} bytes`);
    if (p.pieces.length !== Math.ceil(p.size / PIECE)) refuse('MIXED', 'pieces that do not fit the size');
    for (const name of [p.sha256, ...p.pieces].map(hex)) {
      if (seen.has(name)) refuse('MIXED', 'a part or piece twice');
      seen.add(name);
    }
    if (p.kind === LIST && ++lists > 1) refuse('MIXED', 'two lists');
  }
  if (lists === 0) refuse('MIXED', 'no list');
  return { number: big(body.number), listHash: hex(body.list_hash), parts: body.parts };
}

async function assemble(book, head, shelf, reading) {
  const held = partsOf(book);
  const part = async (p) => readSigned(held.get(hex(p.sha256)) ?? (await fetchPart(p, shelf, reading)));
  const list = await part(head.parts.find((p) => p.kind === LIST));
  if (hashOf(list.object) !== head.listHash) refuse('MIXED', 'another list than announced');
  const number = big(readObject(list.object, 'List', { limit: 256 << 10, closed: true }).number);
  if (number !== head.number) refuse('MIXED', `list ${number} under the number ${head.number}`);
  const file = { manager_sets: [], list, entries: [], key_bundles: [], reading_key: reading };
  for (const p of head.parts.filter((p) => p.kind !== LIST)) {
    (p.kind === SET ? file.manager_sets : p.kind === ENTRY ? file.entries : file.key_bundles).push(await part(p));
  }
  return type('ImportBundle').encode(file).finish();
}

async function fetchPart(p, shelf, reading) {
  const pieces = [];
  for (const name of p.pieces) {
    const object = shelf.get(nameOf(name));
    if (!object) refuse('PART_MISSING', nameOf(name));
    if (hex(sha256(object).subarray(0, 16)) !== hex(name)) refuse('PART_DAMAGED', 'a piece under another name');
    pieces.push(await openPiece(object, reading));
  }
  const bytes = concat(...pieces);
  if (bytes.length !== p.size || hex(sha256(bytes)) !== hex(p.sha256)) refuse('PART_DAMAGED', 'another part');
  return bytes;
}

async function openPiece(object, reading) {
  try {
    return await open(object, reading);
  } catch (e) {
    if (e instanceof Refusal) refuse('PART_DAMAGED', e.message);
    throw e;
  }
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

// nameOf writes 16 bytes as 26 characters of base32.
function nameOf(bytes) {
  let bits = 0n;
  for (const b of bytes) bits = (bits << 8n) | BigInt(b);
  bits <<= 2n; // 130 bits: 26 characters
  let name = '';
  for (let i = 25n; i >= 0n; i--) name += BASE32[Number((bits >> (5n * i)) & 31n)];
  return name;
}
