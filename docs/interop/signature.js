// Layer 2: key ids, signature input, both signatures of suite 1. docs/protocol.md §4.2
import { ed25519 } from '@noble/curves/ed25519.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { concat, sha256, uint16, utf8 } from './bytes.js';

const ZERO = Uint8Array.of(0);

const realmBytes = (realm) => concat(uint16(utf8(realm).length), utf8(realm));

export function keyId(realm, suite, ed, pq) {
  return sha256(utf8('valise/v1/key-id'), ZERO, realmBytes(realm), uint16(suite), ed, pq);
}

export function contentDigest(header, body) {
  return sha256(utf8('valise/v1/content'), ZERO, sha256(header), sha256(body));
}

export function signatureInput(realm, purpose, suite, key, digest) {
  return concat(utf8(`valise/v1/${purpose}`), ZERO, realmBytes(realm), uint16(suite), key, digest);
}

// bothVerify is true only when Ed25519 and ML-DSA-65 verify over the same input.
export function bothVerify(realm, purpose, signed, digest, speaker) {
  const input = signatureInput(realm, purpose, signed.suite, signed.keyId, digest);
  return attempt(() => ed25519.verify(signed.ed25519, input, speaker.ed25519, { zip215: false }))
    && attempt(() => ml_dsa65.verify(signed.mldsa65, input, speaker.mldsa65));
}

function attempt(verify) {
  try {
    return verify();
  } catch {
    return false;
  }
}
