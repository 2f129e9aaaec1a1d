// The rules of the header. docs/protocol.md §4.1
import { refuse } from './refusal.js';

const UNSEQUENCED = [100, 101, 104];
const VOID = 102, ATTACHMENT_PART = 105, PING = 20;
const LIMIT = 1n << 63n;
const big = (x) => BigInt(x.toString());
const zero = (bytes) => bytes.every((b) => b === 0);

const STATE = /^[A-Z]{2}$/, PRINCIPAL = /^@[a-z]{2,30}$/;
const invented = (s) => /^Q[M-Z]$|^X[A-JL-Z]$/.test(s);
const isRealm = (r) => r === 'operational' || /^exercise:[a-z0-9][a-z0-9-]{0,47}-[0-9a-f]{32}$/.test(r);

// checkHeader holds the fields against each other and against the opener's own realm.
export function checkHeader(h, realm, known) {
  const need = (rule, why) => rule || refuse('header', why);
  need(h.version === 1, 'protocol version');
  need(h.minor_version <= 1000, 'minor version over 1,000');
  checkFixedSizes(h, need);
  need(isRealm(h.realm), 'no realm');
  checkParties(h, need);
  need(h.kind > 0, 'no kind');
  need(h.kind < 150 || h.kind > 199 || h.realm !== 'operational', 'an exercise kind in operation');
  need(h.lane <= 1, 'lane over 1');
  need(!known || h.kind === VOID || (h.kind === ATTACHMENT_PART) === (h.lane === 1), 'kind and lane');
  checkOrder(h, need);
  checkThread(h, need);
  need(h.message_id.length === 16, 'no message id');
  need(h.created && big(h.created.seconds) >= 0n && big(h.created.seconds) < 253370764800n, 'created outside 1970 to 9998');
  if (h.opening) checkOpening(h, need);
  need(h.realm === realm, 'another realm than its signature');
}

const SIZES = { previous: 32, thread: 16, in_reply_to: 32, last_seen: 32, message_id: 16, directory_hash: 32 };

function checkFixedSizes(h, need) {
  for (const [field, size] of Object.entries(SIZES)) {
    need(h[field].length === 0 || (h[field].length === size && !zero(h[field])), `${field} of the wrong size`);
  }
}

function checkParties(h, need) {
  const [from, to] = [h.from, h.to].map((address) => {
    const [state, track, more] = address.split('/');
    const fits = STATE.test(state) ? ['diplomatic', 'technical'].includes(track) : PRINCIPAL.test(state) && track === 'manager';
    need(fits && more === undefined, 'from or to is no address');
    need(state.startsWith('@') || invented(state) === (h.realm !== 'operational'), 'a State of another realm');
    return { state, track };
  });
  need(from.state !== to.state, 'from and to are one State');
  need(from.track === to.track || [from, to].some((a) => a.state.startsWith('@')), 'two tracks');
}

function checkOrder(h, need) {
  const sequence = big(h.sequence);
  need(sequence < LIMIT, 'sequence over 2^63-1');
  need(UNSEQUENCED.includes(h.kind) === (sequence === 0n), 'kind and sequence');
  need(sequence === 0n || big(h.epoch) !== 0n, 'a sequence without an epoch');
  need((sequence > 1n) === (h.previous.length > 0), 'sequence and previous');
  need(big(h.directory_number) < LIMIT, 'directory number over 2^63-1');
  need((big(h.directory_number) === 0n) === (h.directory_hash.length === 0), 'directory number and hash');
}

function checkThread(h, need) {
  const sequence = big(h.thread_sequence), none = h.thread.length === 0;
  const human = h.kind >= 1 && h.kind <= 99;
  need(sequence < LIMIT, 'thread sequence over 2^63-1');
  need(!none || (sequence === 0n && h.last_seen.length === 0), 'thread fields without a thread');
  need(!(human && h.kind < PING && none), 'a kind that needs a thread');
  need(!(human && !none && sequence === 0n), 'a thread without its sequence');
  need(!UNSEQUENCED.includes(h.kind) || (none && h.in_reply_to.length === 0), 'an unsequenced kind in a thread');
}

function checkOpening(h, need) {
  const o = h.opening;
  need(big(h.sequence) === 1n, 'an opening that is not the first');
  need(big(o.previous_epoch) !== big(h.epoch), 'an opening of its own epoch');
  need(big(o.last_sequence) < LIMIT, 'last sequence over 2^63-1');
  need(big(o.previous_epoch) !== 0n || big(o.last_sequence) === 0n, 'a number of no epoch');
  const mark = (number, digest) =>
    need((big(number) === 0n) === (digest.length === 0) && (digest.length === 0 || (digest.length === 32 && !zero(digest))), 'number and digest');
  mark(o.last_sequence, o.last_digest);
  const seen = new Set();
  for (const m of o.marks) {
    const key = `${m.lane}/${m.epoch}`;
    need(m.lane <= 1 && big(m.epoch) !== 0n && big(m.mark) < LIMIT && !seen.has(key), 'a mark that names no channel, or one twice');
    seen.add(key);
    mark(m.mark, m.digest);
  }
}
