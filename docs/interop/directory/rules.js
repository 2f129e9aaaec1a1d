// What every object of the directory keeps: size, wire scan, realm, and the rules of the contract.
// docs/protocol.md §8.8
import { concat, hex, sha256 } from '../bytes.js';
import { type } from '../contract.js';
import { parseObject, verifyParsed } from '../object.js';
import { Refusal, refuse } from '../refusal.js';
import { keyId } from '../signature.js';
import { scan } from '../wire.js';

export const big = (x) => BigInt(x.toString());

export const hashOf = (object) => hex(sha256(object));

const STEPS = { wire: 'WIRE_FORM', signature: 'BAD_SIGNATURE', size: 'ENVELOPE_SIZE', profile: 'ENVELOPE_PROFILE', padding: 'PADDING', frame: 'WIRE_FORM' };

// as gives a refusal of another module its reason.
export function as(work) {
  const named = (e) => {
    if (e instanceof Refusal && STEPS[e.step]) refuse(STEPS[e.step], e.message);
    if (e instanceof Refusal && e.reason) refuse(e.reason, e.message);
    throw e;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(named) : result;
  } catch (e) {
    return named(e);
  }
}

// readObject takes the exact bytes of a message through the first of its own rules.
export function readObject(bytes, name, { limit, closed, realm }) {
  if (bytes.length === 0) refuse('FRAME', `${name}: empty`);
  if (bytes.length > limit) refuse('TOO_LARGE', `${name}: ${bytes.length} bytes`);
  const unknown = as(() => scan(bytes, type(name)));
  if (unknown && closed) refuse('WIRE_FORM', `${name}: an unknown part`);
  const body = type(name).decode(bytes);
  if (realm !== undefined && body.realm !== realm) refuse('WRONG_REALM', `${name}: ${body.realm}`);
  return body;
}

// keepContract holds a message against the rules that stand beside its fields.
export function keepContract(message, name) {
  const problem = broken(message, typeof name === 'string' ? type(name) : name);
  if (problem) refuse('PAYLOAD', problem);
}

const FIELD = '(buf.validate.field)';

function rulesOf(field) {
  const all = {};
  for (const option of field.parsedOptions ?? []) merge(all, option[FIELD] ?? {});
  return all;
}

function merge(into, from) {
  for (const [key, value] of Object.entries(from)) {
    if (value && typeof value === 'object' && !Array.isArray(value)) merge((into[key] ??= {}), value);
    else into[key] = value;
  }
}

function broken(message, messageType) {
  for (const field of messageType.fieldsArray) {
    field.resolve();
    const rules = rulesOf(field), value = message[field.name];
    const nested = field.resolvedType?.fieldsArray && field.resolvedType.fullName !== '.google.protobuf.Timestamp' ? field.resolvedType : null;
    const problem = field.repeated ? brokenList(value, rules.repeated ?? {}, nested) : brokenField(message, field, value, rules, nested);
    if (problem) return `${field.name} ${problem}`;
  }
  return '';
}

function brokenList(list, rules, nested) {
  if (list.length > Number(rules.max_items ?? Infinity)) return 'has too many elements';
  if (list.length < Number(rules.min_items ?? 0)) return 'has too few elements';
  for (const element of list) {
    const problem = (nested && broken(element, nested)) || brokenScalar(element, rules.items ?? {});
    if (problem) return problem;
  }
  return '';
}

function brokenField(message, field, value, rules, nested) {
  const present = value !== null && value !== undefined;
  const isMessage = field.resolvedType?.fieldsArray !== undefined;
  if (isMessage && !present) return rules.required ? 'is missing' : '';
  return (nested && broken(value, nested)) || (isMessage ? '' : brokenScalar(value, rules));
}

function brokenScalar(value, rules) {
  const text = rules.string ?? {}, bytes = rules.bytes ?? {}, number = rules.uint64 ?? rules.uint32 ?? {}, choice = rules.enum ?? {};
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value?.length;
  if (length > Number(text.max_bytes ?? bytes.max_len ?? Infinity)) return 'is too long';
  if (length < Number(text.min_bytes ?? bytes.min_len ?? 0)) return 'is too short';
  if (text.pattern && !new RegExp(text.pattern, 'u').test(value)) return 'is not in its form';
  if (bytes.len !== undefined && length !== Number(bytes.len)) return `has not ${bytes.len} bytes`;
  if (number.gte !== undefined && big(value) < BigInt(number.gte)) return `is below ${number.gte}`;
  if (choice.not_in && [choice.not_in].flat().map(Number).includes(value)) return 'is no such value';
  return '';
}

// moment is a time that can be compared, null where it is absent.
export const moment = (t) => (t ? big(t.seconds) * 1000000000n + BigInt(t.nanos) : null);

// span reads two dates, both there and the second later.
export function span(from, until, what) {
  const [a, b] = [moment(from), moment(until)];
  if (a === null || b === null || b <= a) refuse('VALIDITY', `${what} ends before it begins, or has no dates`);
  return [a, b];
}

// readKey gives a public key of suite 1 with its id. docs/protocol.md §4.2
export function readKey(p, realm, what) {
  if (!p || p.suite !== 1 || p.ed25519.length !== 32 || p.mldsa65.length !== 1952) refuse('PAYLOAD', `${what} cannot be read`);
  const [ed25519, mldsa65] = [concat(p.ed25519), concat(p.mldsa65)];
  return { ed25519, mldsa65, id: hex(keyId(realm, 1, ed25519, mldsa65)) };
}

// readState reads a State that the realm admits. docs/protocol.md §2.1, §2.2
export function readState(text, realm) {
  const principal = /^@[a-z]{2,30}$/.test(text);
  if (!principal && !/^[A-Z]{2}$/.test(text)) refuse('PAYLOAD', `${text} is no State`);
  const invented = /^(Q[M-Z]|X[A-JL-Z])$/.test(text);
  if (!principal && invented === (realm === 'operational')) refuse('WRONG_REALM', `${text} has no place here`);
  return text;
}

// isDesk says whether a State can have this track. docs/protocol.md §2.1
export const isDesk = (state, track) => (state.startsWith('@') ? track === 'manager' : ['diplomatic', 'technical'].includes(track));

// signers are the distinct keys of those given that signed a SignedObject. docs/protocol.md §4.3
export function signers(signed, purpose, realm, keys) {
  return as(() => verifyParsed(signed, purpose, { realm, speakers: keys })).map(hex);
}

export const readSigned = (bytes) => as(() => parseObject(bytes));
