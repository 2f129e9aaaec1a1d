// The contract is read from the .proto files themselves, so it cannot drift from them.
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import protobuf from 'protobufjs';

const folder = fileURLToPath(new URL('../../proto', import.meta.url));

const root = new protobuf.Root();
// The rules of protovalidate are judged by the gateway, after opening; a scan does not need them.
root.resolvePath = (origin, target) => {
  if (target.startsWith('buf/validate/')) return null;
  return target.startsWith('google/') || path.isAbsolute(target) ? target : path.join(folder, target);
};
root.loadSync(['seal', 'kind', 'machine', 'message', 'directory', 'objects', 'record_service'].map((name) => path.join(folder, 'valise/v1', `${name}.proto`)), { keepCase: true });
root.resolveAll();

export const type = (name) => root.lookupType(`valise.v1.${name}`);

const kinds = root.lookupEnum('valise.v1.Kind').values;

// payloadType is the message type that a kind's number alone decides, or null. docs/protocol.md §5.1
export function payloadType(kind) {
  const name = Object.keys(kinds).find((k) => kinds[k] === kind);
  if (!name || kind === 0) return null;
  const camel = name.replace('KIND_', '').toLowerCase().replace(/(^|_)([a-z])/g, (_, __, c) => c.toUpperCase());
  return type(camel);
}
