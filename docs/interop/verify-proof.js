#!/usr/bin/env node
// Confirms that and when messages were exchanged, from a file of `valise record export --form proof`:
//
//     node verify-proof.js FILE [ADDRESS=KEY…]
//
// KEY is a key id known from elsewhere: 64 hexadecimal digits or its fingerprint in one word. Without
// them the proof shows only that somebody with these keys says so. Ends with 0, with 7 for a proof that
// does not hold, with 2 for anything else. docs/protocol.md §9.4
import { readFileSync } from 'node:fs';
import { fromHex } from './bytes.js';
import { verifyProofs } from './proof.js';
import { Refusal } from './refusal.js';

const says = {
  recorded: 'signed that it recorded this message',
  refused: 'signed that it recorded and refused this message',
  number: 'signed that it recorded this number; nothing here leads from the message to that receipt',
};

function fingerprint(id) {
  const b = fromHex(id);
  return Array.from({ length: 16 }, (_, i) => String(b[2 * i] * 256 + b[2 * i + 1]).padStart(5, '0')).join(' ');
}

function keyOf(text) {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  const groups = text.match(/\d{5}/g) ?? [];
  if (groups.length !== 16 || groups.join('') !== text.replace(/\s/g, '') || groups.some((g) => Number(g) > 65535)) throw new Error('usage');
  return groups.map((g) => Number(g).toString(16).padStart(4, '0')).join('');
}

function tell(p, known) {
  console.log(`${p.from} sent to ${p.to} a message of kind ${p.kind}, number ${p.sequence}, in realm ${p.realm}`);
  console.log(`  digest    ${p.digest}`);
  console.log(`  made      ${p.created}, says ${p.from}`);
  console.log(`  recorded  ${p.recorded}, says ${p.recorded_by}; record of ${p.head.size} items, signed ${p.head.at}`);
  console.log(`  receipt   ${p.receipt ? `${p.to} ${says[p.receipt.says]}, ${p.receipt.at}` : 'none'}`);
  for (const [address, id] of Object.entries(p.keys)) {
    console.log(`  key       ${address} ${fingerprint(id)}${known[address] ? ', as known' : ', NOT known from elsewhere'}`);
  }
}

function main([file, ...keys]) {
  const known = {};
  try {
    for (const text of keys) {
      const at = text.indexOf('=');
      known[text.slice(0, at)] = keyOf(text.slice(at + 1));
    }
    if (!file) throw new Error('usage');
  } catch {
    console.error('usage: verify-proof.js FILE [ADDRESS=KEY…]');
    return 2;
  }
  let bytes;
  try {
    bytes = new Uint8Array(readFileSync(file));
  } catch (e) {
    console.error(e.message);
    return 2;
  }
  try {
    for (const p of verifyProofs(bytes, known)) tell(p, known);
    return 0;
  } catch (e) {
    console.error(`the proof does NOT hold: ${e instanceof Refusal ? e.message : 'it cannot be read'}`);
    return 7;
  }
}

process.exitCode = main(process.argv.slice(2));
