// The audit path of RFC 6962 §2.1.1, as RFC 9162 §2.1.3.2 checks it. docs/protocol.md §9.2
import { equal, sha256 } from './bytes.js';

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

// includes is true when the path leads from the leaf hash with that number to the root of a tree of
// that size.
export function includes(leaf, number, size, path, root) {
  if (number >= size) return false;
  let [fn, sn, r] = [number, size - 1n, leaf];
  for (const p of path) {
    if (sn === 0n) return false;
    if (fn % 2n === 1n || fn === sn) {
      r = node(p, r);
      while (fn % 2n === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = node(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equal(r, root);
}
