// The wire scan: bytes that no honest protobuf encoder makes are refused. docs/protocol.md §3
import protobuf from 'protobufjs';
import { refuse } from './refusal.js';

const MAX_NESTING = 16;
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const WIRE = {
  double: FIXED64, fixed64: FIXED64, sfixed64: FIXED64,
  float: FIXED32, fixed32: FIXED32, sfixed32: FIXED32,
  string: BYTES, bytes: BYTES,
};

const wireTypeOf = (field) => (field.resolvedType instanceof protobuf.Type ? BYTES : WIRE[field.type] ?? VARINT);

function varint(bytes, at, bits = 64) {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    if (at + i >= bytes.length) refuse('wire', 'a varint runs over the end');
    const b = bytes[at + i];
    value |= BigInt(b & 127) << BigInt(7 * i);
    if (b < 128) {
      if (i > 0 && b === 0) refuse('wire', 'an over-long varint');
      if (value >> BigInt(bits) !== 0n) refuse('wire', `a varint over ${bits} bits`);
      return [value, at + i + 1];
    }
  }
  return refuse('wire', 'a varint over ten bytes');
}

function readValue(bytes, wire, at) {
  switch (wire) {
    case VARINT: {
      const [value, next] = varint(bytes, at);
      return { value, next };
    }
    case FIXED64:
    case FIXED32: {
      const next = at + (wire === FIXED64 ? 8 : 4);
      if (next > bytes.length) refuse('wire', 'a fixed value runs over the end');
      return { value: bytes.subarray(at, next), next };
    }
    case BYTES: {
      const [length, from] = varint(bytes, at);
      if (length > BigInt(bytes.length - from)) refuse('wire', 'a length beyond the end');
      const next = from + Number(length);
      return { value: bytes.subarray(from, next), next };
    }
    default:
      return refuse('wire', `wire type ${wire}`);
  }
}

const MAX_FIELDS = 65536, DEFAULT_LIST = 1024;

// scan walks bytes as a message of type (null: unknown kind, only the form is checked) and says
// whether it met fields or enum values that it does not know. Enums named in openEnums may hold
// any number.
export function scan(bytes, type, { openEnums = [] } = {}) {
  return walk(bytes, type, 1, { left: MAX_FIELDS, openEnums });
}

function walk(bytes, type, depth, budget) {
  if (depth > MAX_NESTING) refuse('wire', 'nested too deep');
  const counts = new Map();
  let unknown = false;
  for (let at = 0; at < bytes.length;) {
    const [tag, from] = varint(bytes, at, 32);
    const number = Number(tag >> 3n), wire = Number(tag & 7n);
    if (number === 0) refuse('wire', 'field number zero');
    const { value, next } = readValue(bytes, wire, from);
    at = next;
    spend(budget, 1);
    const field = type?.fieldsById[number];
    if (!field) unknown = unknown || type !== null;
    else unknown = checkField(field, wire, value, counts, depth, budget) || unknown;
  }
  if (type?.fullName === '.google.protobuf.Timestamp') checkTimestamp(type.decode(bytes));
  return unknown;
}

function spend(budget, n) {
  budget.left -= n;
  if (budget.left < 0) refuse('wire', 'too many fields');
}

function checkField(field, wire, value, counts, depth, budget) {
  field.resolve();
  const expected = wireTypeOf(field);
  if (field.repeated && wire === BYTES && expected !== BYTES) {
    const elements = packed(value, expected);
    spend(budget, elements.length);
    count(field, counts, elements.length);
    return elements.map((element) => checkScalar(field, element, budget)).some((x) => x);
  }
  if (wire !== expected) refuse('wire', 'a field of another wire type');
  count(field, counts, 1);
  if (field.resolvedType instanceof protobuf.Type) return walk(value, field.resolvedType, depth + 1, budget);
  return checkScalar(field, value, budget);
}

// count refuses a singular field or oneof that stands twice, and a list over its max_items.
function count(field, counts, n) {
  const key = field.partOf ? `oneof ${field.partOf.name}` : field.id;
  const total = (counts.get(key) ?? 0) + n;
  counts.set(key, total);
  if (!field.repeated && total > 1) refuse('wire', 'a singular field or oneof twice');
  if (field.repeated && total > maxItems(field)) refuse('wire', 'a list over its limit');
}

// maxItems finds the rule of the contract in either of the two forms it is written in.
function maxItems(field) {
  const options = field.options ?? {};
  const whole = options['(buf.validate.field).repeated'] ?? field.getOption?.('(buf.validate.field)')?.repeated;
  return Number(options['(buf.validate.field).repeated.max_items'] ?? whole?.max_items ?? field.parsedOptions?.map?.(
    (o) => o['(buf.validate.field)']?.repeated?.max_items).find((x) => x !== undefined) ?? DEFAULT_LIST);
}

function checkScalar(field, value, budget) {
  if (field.resolvedType instanceof protobuf.Enum) return checkEnum(field, value, budget);
  switch (field.type) {
    case 'string':
      checkText(value);
      break;
    case 'bool':
      if (value > 1n) refuse('wire', 'a bool that is neither 0 nor 1');
      break;
    case 'uint32':
    case 'sint32':
      if (value >> 32n !== 0n) refuse('wire', 'over 32 bits');
      break;
    case 'int32':
      if (!fitsInt32(value)) refuse('wire', 'over 32 bits');
      break;
  }
  return false;
}

const fitsInt32 = (value) => {
  const signed = BigInt.asIntN(64, value);
  return signed >= -(1n << 31n) && signed < 1n << 31n;
};

function checkEnum(field, value, budget) {
  if (!fitsInt32(value)) refuse('wire', 'an enum over 32 bits');
  if (budget.openEnums.includes(field.resolvedType.name)) return false;
  return field.resolvedType.valuesById[Number(BigInt.asIntN(64, value))] === undefined;
}

function checkText(value) {
  try {
    strictUtf8.decode(value);
  } catch {
    refuse('wire', 'text that is not UTF-8');
  }
}

function checkTimestamp(t) {
  const seconds = BigInt(t.seconds.toString());
  if (seconds < -62135596800n || seconds > 253402300799n || t.nanos < 0 || t.nanos > 999999999) refuse('wire', 'no time');
}

function packed(value, wire) {
  const out = [];
  for (let at = 0; at < value.length;) {
    const element = readValue(value, wire, at);
    out.push(element.value);
    at = element.next;
  }
  return out;
}
