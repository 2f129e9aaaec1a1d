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

// scan walks bytes as a message of type (null: unknown kind, only the form is checked) and says
// whether it met fields it does not know.
export function scan(bytes, type, depth = 1) {
  if (depth > MAX_NESTING) refuse('wire', 'nested too deep');
  const seen = new Set();
  let unknown = false;
  for (let at = 0; at < bytes.length;) {
    const [tag, from] = varint(bytes, at, 32);
    const number = Number(tag >> 3n), wire = Number(tag & 7n);
    if (number === 0) refuse('wire', 'field number zero');
    const { value, next } = readValue(bytes, wire, from);
    at = next;
    const field = type?.fieldsById[number];
    if (!field) {
      unknown = true;
      continue;
    }
    unknown = checkField(field, wire, value, seen, depth) || unknown;
  }
  return unknown && type !== null;
}

function checkField(field, wire, value, seen, depth) {
  field.resolve();
  const expected = wireTypeOf(field);
  if (field.repeated && wire === BYTES && expected !== BYTES) {
    checkPacked(value, expected);
    return false;
  }
  if (wire !== expected) refuse('wire', 'a field of another wire type');
  if (!field.repeated) checkOnce(field, seen);
  if (field.resolvedType instanceof protobuf.Type) return scan(value, field.resolvedType, depth + 1);
  if (field.type === 'string') checkText(value);
  if (field.type === 'bool' && value > 1n) refuse('wire', 'a bool that is neither 0 nor 1');
  if (field.type === 'uint32' && value >> 32n !== 0n) refuse('wire', 'a uint32 over 32 bits');
  return false;
}

function checkOnce(field, seen) {
  const key = field.partOf ? `oneof ${field.partOf.name}` : field.id;
  if (seen.has(key)) refuse('wire', 'a singular field or oneof twice');
  seen.add(key);
}

function checkText(value) {
  try {
    strictUtf8.decode(value);
  } catch {
    refuse('wire', 'text that is not UTF-8');
  }
}

function checkPacked(value, wire) {
  for (let at = 0; at < value.length;) at = readValue(value, wire, at).next;
}
