// Opens in the order of docs/protocol.md §4.4, up to what needs a node's own state.
import { concat, equal, hex } from './bytes.js';
import { payloadType, type } from './contract.js';
import { decryptEnvelope, unpad } from './envelope.js';
import { checkHeader } from './header.js';
import { Refusal, refuse } from './refusal.js';
import { bothVerify, contentDigest, keyId } from './signature.js';
import { scan } from './wire.js';

const MAX_CONTENT = 250000, MAX_RETURN = 258000, RETURN = 103;
const MINOR_VERSION = 0;

// openEnvelope takes { realm, mine: [address], identities: [{identity, address}],
// speakers: [{ed25519, mldsa65, address, revoked}] }.
export async function openEnvelope(envelope, node) {
  const { plaintext, address } = await decryptEnvelope(envelope, node.identities);
  const opened = openSigned(unpad(plaintext), node);
  const { to } = opened.header;
  if (!node.mine.includes(to) || to !== address) refuse('addressee', 'not for the POC whose key opened it');
  return { ...opened, openedFor: address };
}

// openSigned begins at the frame's content and checks no addressee.
export function openSigned(bytes, node) {
  const signed = parseSigned(bytes);
  const digest = contentDigest(signed.header, signed.body);
  try {
    return { digest, keyId: signed.keyId, ...read(signed, digest, node), signed };
  } catch (e) {
    e.digest = digest;
    throw e;
  }
}

function read(signed, digest, node) {
  const speaker = speakerOf(signed, node);
  const claimed = claimedSender(signed.header);
  if (claimed !== null && claimed !== speaker.address) refuse('key', 'the key speaks for another POC');
  if (!bothVerify(node.realm, 'content', signed, digest, speaker)) refuse('signature', 'a signature does not verify');
  const { header, unknown } = readHeader(signed.header);
  if (header.from !== speaker.address) refuse('key', 'the key speaks for another POC');
  const payload = readPayload(signed.body.subarray(32), header);
  checkHeader(header, node.realm, payload.type !== null);
  const size = signed.header.length + signed.body.length;
  if (size > (header.kind === RETURN ? MAX_RETURN : MAX_CONTENT)) refuse('header', 'content is too large for its kind');
  return { header, payload, unknownParts: unknown || payload.unknown };
}

function parseSigned(bytes) {
  const signedType = type('Signed');
  let s;
  try {
    scan(bytes, signedType);
    s = signedType.decode(bytes);
  } catch {
    refuse('frame', 'Signed cannot be read');
  }
  if (s.suite !== 1) refuse('frame', `unknown suite ${s.suite}`);
  if (s.key_id.length !== 32 || s.ed25519.length !== 64 || s.mldsa65.length !== 3309) refuse('frame', 'a field of the wrong length');
  if (s.body.length < 32 || s.header.length === 0) refuse('frame', 'header or body is missing');
  if (s.header.length + s.body.length > MAX_RETURN) refuse('frame', 'content is too large');
  if (!equal(signedType.encode(s).finish(), bytes)) refuse('frame', 'not the one encoding of Signed');
  const own = (b) => concat(b);
  return { suite: s.suite, keyId: own(s.key_id), header: own(s.header), body: own(s.body), ed25519: own(s.ed25519), mldsa65: own(s.mldsa65) };
}

function speakerOf(signed, node) {
  const speaker = node.speakers.find((k) => equal(keyId(node.realm, 1, k.ed25519, k.mldsa65), signed.keyId));
  if (!speaker) refuse('key', `nobody has ${hex(signed.keyId).slice(0, 16)}`);
  if (speaker.revoked) refuse('key', 'the signing key is revoked');
  return speaker;
}

// claimedSender looks at "from" before anything is verified; null where the header cannot be read.
function claimedSender(bytes) {
  try {
    const from = type('Header').decode(bytes).from;
    return from === '' ? null : from;
  } catch {
    return null;
  }
}

function readHeader(bytes) {
  const headerType = type('Header');
  const found = scan(bytes, headerType, { openEnums: ['Kind'] });
  const header = headerType.decode(bytes);
  if (header.version !== 1) refuse('wire', `protocol version ${header.version}`);
  return { header, unknown: allowed(found, header) };
}

function readPayload(bytes, header) {
  const payload = payloadType(header.kind);
  const unknown = allowed(scan(bytes, payload), header);
  return { type: payload && payload.fullName.slice(1), message: payload && payload.decode(bytes), bytes, unknown };
}

function allowed(unknown, header) {
  if (unknown && header.minor_version <= MINOR_VERSION) refuse('wire', 'unknown parts at our own version');
  return unknown;
}

export { Refusal };
