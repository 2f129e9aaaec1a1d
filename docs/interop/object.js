// Signed objects: entries, lists, bundles, manager sets. docs/protocol.md §4.3
import { concat, equal, sha256 } from './bytes.js';
import { type } from './contract.js';
import { refuse } from './refusal.js';
import { bothVerify, keyId } from './signature.js';
import { scan } from './wire.js';

const MAX_OBJECT = 1 << 20, MAX_SIGNATURES = 32;

// verifyObject gives the exact object and the distinct known keys that signed it for purpose.
export function verifyObject(bytes, purpose, node) {
  const o = parseObject(bytes);
  return { object: concat(o.object), keyIds: verifyParsed(o, purpose, node) };
}

// verifyParsed gives the distinct known keys that signed what was read.
export function verifyParsed(o, purpose, node) {
  const digest = sha256(o.object);
  const keyIds = [];
  for (const s of o.signatures) {
    const speaker = node.speakers.find((k) => equal(keyId(node.realm, 1, k.ed25519, k.mldsa65), s.key_id));
    if (!speaker) continue;
    const signature = { suite: s.suite, keyId: concat(s.key_id), ed25519: concat(s.ed25519), mldsa65: concat(s.mldsa65) };
    if (s.suite !== 1 || !bothVerify(node.realm, purpose, signature, digest, speaker)) refuse('signature', 'a known key did not sign this');
    if (!keyIds.some((id) => equal(id, s.key_id))) keyIds.push(concat(s.key_id));
  }
  return keyIds;
}

// parseObject reads the one form of a SignedObject.
export function parseObject(bytes) {
  const objectType = type('SignedObject');
  let o;
  try {
    if (scan(bytes, objectType)) refuse('frame', 'unknown fields');
    o = objectType.decode(bytes);
  } catch (e) {
    refuse('frame', `a signed object that cannot be read: ${e.message}`);
  }
  if (o.object.length > MAX_OBJECT || o.signatures.length > MAX_SIGNATURES) refuse('frame', 'too large');
  return o;
}
