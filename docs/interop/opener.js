// Opens an envelope in the order of docs/protocol.md §4.4, up to what needs a node's own state.
import { concat, equal, hex } from './bytes.js';
import { payloadType, type } from './contract.js';
import { decryptEnvelope, unpad } from './envelope.js';
import { refuse } from './refusal.js';
import { bothVerify, contentDigest, keyId } from './signature.js';
import { scan } from './wire.js';

const MAX_CONTENT = 250000;
const MINOR_VERSION = 0;

// open takes { realm, identities: [{identity, address}], speakers: [{ed25519, mldsa65, address, revoked}] }.
export async function open(envelope, node) {
  const { plaintext, address } = await decryptEnvelope(envelope, node.identities);
  const signed = parseSigned(unpad(plaintext));
  const digest = contentDigest(signed.header, signed.body);
  const speaker = speakerOf(signed, node);
  if (!bothVerify(node.realm, 'content', signed, digest, speaker)) refuse('signature', 'a signature does not verify');
  const header = readHeader(signed.header, speaker, node);
  const payload = readPayload(signed.body, header);
  checkHeader(header, node);
  if (header.to !== address) refuse('addressee', 'addressed to another POC than the one it was sealed to');
  return { digest, header, payload, keyId: signed.keyId };
}

function parseSigned(bytes) {
  const signedType = type('Signed');
  try {
    if (scan(bytes, signedType)) refuse('frame', 'unknown fields');
  } catch (e) {
    refuse('frame', e.message);
  }
  const s = signedType.decode(bytes);
  if (s.suite !== 1) refuse('frame', `unknown suite ${s.suite}`);
  if (s.key_id.length !== 32 || s.ed25519.length !== 64 || s.mldsa65.length !== 3309) refuse('frame', 'a field of the wrong length');
  if (s.body.length < 32 || s.header.length === 0) refuse('frame', 'header or body is missing');
  if (s.header.length + s.body.length > MAX_CONTENT) refuse('frame', 'content is too large');
  const own = (b) => concat(b);
  return { suite: s.suite, keyId: own(s.key_id), header: own(s.header), body: own(s.body), ed25519: own(s.ed25519), mldsa65: own(s.mldsa65) };
}

function speakerOf(signed, node) {
  const speaker = node.speakers.find((k) => equal(keyId(node.realm, 1, k.ed25519, k.mldsa65), signed.keyId));
  if (!speaker) refuse('key', `nobody has ${hex(signed.keyId).slice(0, 16)}`);
  if (speaker.revoked) refuse('key', 'the signing key is revoked');
  return speaker;
}

function readHeader(bytes, speaker, node) {
  const headerType = type('Header');
  const unknown = scan(bytes, headerType);
  const header = headerType.decode(bytes);
  if (header.version !== 1) refuse('header', `protocol version ${header.version}`);
  if (unknown && header.minor_version <= MINOR_VERSION) refuse('wire', 'unknown fields at our own version');
  if (header.from !== speaker.address) refuse('key', 'the key speaks for another POC');
  return header;
}

function readPayload(body, header) {
  const payload = payloadType(header.kind);
  const bytes = body.subarray(32);
  if (scan(bytes, payload) && header.minor_version <= MINOR_VERSION) refuse('wire', 'unknown fields at our own version');
  return payload && { type: payload.name, message: payload.decode(bytes) };
}

const UNSEQUENCED = [100, 101, 104];

function checkHeader(h, node) {
  const bad = (why) => refuse('header', why);
  if (h.realm !== node.realm) bad('another realm than its signature');
  if (h.message_id.length !== 16) bad('message id is missing');
  if (UNSEQUENCED.includes(h.kind) !== (Number(h.sequence) === 0)) bad('kind and sequence do not go together');
  if ((Number(h.sequence) > 1) !== (h.previous.length === 32)) bad('sequence and previous do not go together');
  if (h.from.slice(0, 2) === h.to.slice(0, 2)) bad('from and to are one State');
  if (!h.from.startsWith('@') && !h.to.startsWith('@') && h.from.split('/')[1] !== h.to.split('/')[1]) bad('two tracks');
}
