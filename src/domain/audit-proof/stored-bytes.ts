/** An event exactly as the store keeps it. */
export interface RawEvent {
  readonly type: string;
  /** With the prefix of the installation. */
  readonly stream: string;
  readonly revision: bigint;
  /** A lower-case UUID. */
  readonly id: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Not what `storedBytes` makes. */
export class DamagedBytes extends Error {
  override readonly name = 'DamagedBytes';
}

const lengthBytes = 4;
const revisionBytes = 8;
const idBytes = 16;
const utf8 = new TextEncoder();
/** What stands for bytes that are no UTF-8. */
const replacement = '\uFFFD';
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What a leaf is the hash of: type, stream, revision (64 bit), event id (16 bytes), data, metadata; numbers big-endian,
 * everything of variable length after its length (32 bit), so that two events never have the same bytes.
 */
export function storedBytes({ type, stream, revision, id, data, metadata }: RawEvent): Uint8Array {
  const parts = [utf8.encode(type), utf8.encode(stream), data, metadata];
  const fixed = parts.length * lengthBytes + revisionBytes + idBytes;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, fixed));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (part: Uint8Array) => {
    view.setUint32(at, part.length);
    bytes.set(part, at + lengthBytes);
    at += lengthBytes + part.length;
  };
  parts.slice(0, 2).forEach(put);
  view.setBigUint64(at, revision);
  at += revisionBytes;
  const hex = id.replaceAll('-', '');
  for (let byte = 0; byte < idBytes; byte += 1, at += 1) bytes[at] = parseInt(hex.slice(byte * 2, byte * 2 + 2), 16);
  parts.slice(2).forEach(put);
  return bytes;
}

/** Throws `DamagedBytes`. */
export function rawEventOf(bytes: Uint8Array): RawEvent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number) => {
    if (at + length > bytes.length) throw new DamagedBytes('the stored bytes are cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const takePart = () => {
    take(lengthBytes);
    return take(view.getUint32(at - lengthBytes));
  };
  const type = text(takePart());
  const stream = text(takePart());
  take(revisionBytes);
  const revision = view.getBigUint64(at - revisionBytes);
  const id = uuidOf(take(idBytes));
  const data = takePart();
  const metadata = takePart();
  if (at !== bytes.length) throw new DamagedBytes('the stored bytes are too long');
  return { type, stream, revision, id, data, metadata };
}

/** Throws `DamagedBytes`. */
export function text(bytes: Uint8Array): string {
  // Several times as fast as the strict one, which has to look only where something was replaced, or written so.
  const decoded = viewOf(bytes).toString();
  return decoded.includes(replacement) ? strictText(bytes) : decoded;
}

function strictText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new DamagedBytes('the stored bytes are no text');
  }
}

const viewOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function uuidOf(bytes: Uint8Array): string {
  const hex = viewOf(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
