/**
 * Reads `ReadResp` messages of event_store.client.streams by hand: a follower of the log reads every event there is,
 * and the client's generated code costs several times as much.
 */
export interface WireEvent {
  readonly id: string;
  readonly type: string;
  /** With the prefix of the installation. */
  readonly stream: string;
  readonly revision: bigint;
  /** `undefined` before version 22.6 of the store. */
  readonly position: bigint | undefined;
  readonly createdMs: number;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export type WireMessage =
  | { readonly kind: 'event'; readonly event: WireEvent }
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  | { readonly kind: 'caught-up' }
  | { readonly kind: 'other' };

/** Not a message of this protocol. */
export class DamagedMessage extends Error {
  override readonly name = 'DamagedMessage';
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

/** Field number and wire type. */
const field = (number: number, wireType: number) => number * 8 + wireType;
const wireTypeOf = (tag: number) => tag & 7;
const [asNumber, asFixed64, asBytes, asFixed32] = [0, 1, 2, 5];

export function decodeReadResponse(bytes: Buffer): WireMessage {
  const reader = { bytes, at: 0 };
  let message: WireMessage = { kind: 'other' };
  while (reader.at < bytes.length) {
    const tag = tagAt(reader);
    if (tag === field(1, asBytes)) message = eventIn(partAt(reader));
    else if (tag === field(3, asBytes)) message = { kind: 'checkpoint', position: commitPositionIn(partAt(reader)) };
    else {
      if (tag === field(8, asBytes)) message = { kind: 'caught-up' };
      skip(reader, tag);
    }
  }
  return message;
}

/** `ReadEvent`: links are not resolved, so there is none. */
function eventIn(reader: Reader): WireMessage {
  let event: WireEvent | undefined;
  let commit: bigint | undefined;
  while (reader.at < reader.bytes.length) {
    const tag = tagAt(reader);
    if (tag === field(1, asBytes)) event = recordedIn(partAt(reader));
    else if (tag === field(3, asNumber)) commit = longAt(reader);
    else skip(reader, tag);
  }
  if (event === undefined) return { kind: 'other' };
  return { kind: 'event', event: commit === undefined ? event : { ...event, position: commit } };
}

type Fields = { -readonly [Name in keyof WireEvent]: WireEvent[Name] };

const nothing = Buffer.alloc(0);

function recordedIn(reader: Reader): WireEvent {
  const event: Fields = {
    id: '',
    type: '',
    stream: '',
    revision: 0n,
    position: undefined,
    createdMs: 0,
    isJson: false,
    data: nothing,
    metadata: nothing,
  };
  while (reader.at < reader.bytes.length) {
    const tag = tagAt(reader);
    const read = recordedFields[tag];
    if (read === undefined) skip(reader, tag);
    else read(event, reader);
  }
  if (event.id === '' || event.type === '') throw new DamagedMessage('an event without an id or a type');
  return event;
}

/** `RecordedEvent` */
const recordedFields: Readonly<Record<number, (event: Fields, reader: Reader) => void>> = {
  [field(1, asBytes)]: (event, reader) => (event.id = textIn(partAt(reader), 2).toLowerCase()),
  [field(2, asBytes)]: (event, reader) => (event.stream = textIn(partAt(reader), 3)),
  [field(3, asNumber)]: (event, reader) => (event.revision = longAt(reader)),
  [field(5, asNumber)]: (event, reader) => (event.position = longAt(reader)),
  [field(6, asBytes)]: (event, reader) => {
    addProperty(event, partAt(reader));
  },
  [field(7, asBytes)]: (event, reader) => (event.metadata = bytesAt(reader)),
  [field(8, asBytes)]: (event, reader) => (event.data = bytesAt(reader)),
};

function addProperty(event: Fields, { bytes }: Reader): void {
  const key = textIn({ bytes, at: 0 }, 1);
  const value = textIn({ bytes, at: 0 }, 2);
  if (key === 'type') event.type = value;
  else if (key === 'content-type') event.isJson = value === 'application/json';
  // .NET ticks of 100 ns since the Unix epoch, of which the last four digits are less than a millisecond.
  else if (key === 'created') event.createdMs = Number(value.slice(0, -4));
}

/** The text in one field of a message. */
function textIn(reader: Reader, number: number): string {
  let text = '';
  while (reader.at < reader.bytes.length) {
    const tag = tagAt(reader);
    if (tag === field(number, asBytes)) text = bytesAt(reader).toString();
    else skip(reader, tag);
  }
  return text;
}

function commitPositionIn(reader: Reader): bigint {
  let position = 0n;
  while (reader.at < reader.bytes.length) {
    const tag = tagAt(reader);
    if (tag === field(1, asNumber)) position = longAt(reader);
    else skip(reader, tag);
  }
  return position;
}

const tagAt = (reader: Reader) => Number(varintAt(reader));
const longAt = (reader: Reader) => BigInt(varintAt(reader));
const partAt = (reader: Reader): Reader => ({ bytes: bytesAt(reader), at: 0 });

function bytesAt(reader: Reader): Buffer {
  const length = Number(varintAt(reader));
  return take(reader, length);
}

function take(reader: Reader, length: number): Buffer {
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new DamagedMessage('a message is cut short');
  const part = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return part;
}

/** Seven bytes make 49 bits, which a number holds exactly. */
const exactBytes = 7;
const longestVarint = 10;

function varintAt(reader: Reader): number | bigint {
  const { bytes, at } = reader;
  let value = 0;
  let scale = 1;
  for (let n = 0; n < exactBytes; n += 1, scale *= 128) {
    const byte = byteAt(bytes, at + n);
    value += (byte & 127) * scale;
    if (byte < 128) {
      reader.at = at + n + 1;
      return value;
    }
  }
  let long = BigInt(value);
  for (let n = exactBytes; n < longestVarint; n += 1) {
    const byte = byteAt(bytes, at + n);
    long |= BigInt(byte & 127) << BigInt(7 * n);
    if (byte < 128) {
      reader.at = at + n + 1;
      return BigInt.asUintN(64, long);
    }
  }
  throw new DamagedMessage('a number is too long');
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new DamagedMessage('a message is cut short');
  return byte;
}

function skip(reader: Reader, tag: number): void {
  const wireType = wireTypeOf(tag);
  if (wireType === asNumber) varintAt(reader);
  else if (wireType === asBytes) bytesAt(reader);
  else if (wireType === asFixed64) take(reader, 8);
  else if (wireType === asFixed32) take(reader, 4);
  else throw new DamagedMessage(`a field of the unknown wire type ${wireType}`);
}
