// One thing has one owner. docs/protocol.md §8.3, §8.8
import { hex } from '../bytes.js';
import { refuse } from '../refusal.js';

export class Owners {
  constructor(from) {
    this.owner = new Map(from?.owner);
  }

  claim(kind, value, owner) {
    const key = `${kind} ${value}`;
    if ((this.owner.get(key) ?? owner) !== owner) refuse('SHARED_KEY', `${kind} of another`);
    this.owner.set(key, owner);
  }

  // both halves of a key count.
  claimKey(key, owner) {
    this.claim('ed25519', hex(key.ed25519), owner);
    this.claim('mldsa65', hex(key.mldsa65), owner);
  }

  claimEntry(entry) {
    this.claimKey(entry.root, `root of ${entry.state}`);
    if (entry.next) this.claimKey(entry.next, `root of ${entry.state}`);
    for (const [address, keys] of entry.desks) keys.forEach((key) => this.claimKey(key, address));
  }

  claimBundle(b) {
    this.claim('mailbox', b.mailbox, b.address);
    this.claim('token', b.token, b.address);
    b.recipients.forEach((r) => this.claim('sealing key', r, b.address));
    b.nkeys.forEach((k) => this.claim('connection', k, b.state));
  }
}
