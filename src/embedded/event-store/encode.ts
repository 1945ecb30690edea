import type { StoredEvent } from './event.ts';

/**
 * Encodes `ReadResp` messages of event_store.client.streams by hand: the generated code costs several times as much,
 * and an event is encoded for every reader.
 */
export type UuidForm = 'string' | 'structured';

const scratch = { buffer: Buffer.allocUnsafe(16 * 1024), offset: 0 };

/** A `ReadResp.event` with its commit position. */
export function encodeEvent(event: StoredEvent, uuidForm: UuidForm): Buffer {
  const head = recordedHead(event, uuidForm);
  const position = varintSize(event.position);
  const recordedSize = head.length + payloadSize(event.metadata) + payloadSize(event.data);
  const readEventSize = 1 + varintSize(recordedSize) + recordedSize + 1 + position;
  const message = { buffer: Buffer.allocUnsafe(1 + varintSize(readEventSize) + readEventSize), offset: 0 };
  writeTag(message, 1, readEventSize);
  writeTag(message, 1, recordedSize);
  message.offset += head.copy(message.buffer, message.offset);
  writePayload(message, 7, event.metadata);
  writePayload(message, 8, event.data);
  message.buffer[message.offset++] = (3 << 3) | 0;
  writeVarint(message, event.position);
  return message.buffer;
}

/** A message of one length-delimited field, such as an empty `caught_up` or a confirmation. */
function encodeField(field: number, content: Uint8Array): Buffer {
  const message = { buffer: Buffer.allocUnsafe(1 + varintSize(content.length) + content.length), offset: 0 };
  writeTag(message, field, content.length);
  message.buffer.set(content, message.offset);
  return message.buffer;
}

export const caughtUp: Buffer = encodeField(8, Buffer.alloc(0));

export function encodeConfirmation(subscriptionId: string): Buffer {
  return encodeField(2, encodeField(1, Buffer.from(subscriptionId)));
}

export function encodeCheckpoint(position: bigint): Buffer {
  scratch.offset = 0;
  writeNumber(scratch, 1, position);
  writeNumber(scratch, 2, position);
  return encodeField(3, scratch.buffer.subarray(0, scratch.offset));
}

export function encodeStreamNotFound(stream: string): Buffer {
  return encodeField(4, encodeField(1, encodeField(3, Buffer.from(stream))));
}

interface Target {
  readonly buffer: Buffer;
  offset: number;
}

/** Fields 1 to 6 of a RecordedEvent; names are bounded, so they always fit the scratch buffer. */
function recordedHead(event: StoredEvent, uuidForm: UuidForm): Buffer {
  scratch.offset = 0;
  writeUuid(event.id, uuidForm);
  const nameSize = Buffer.byteLength(event.stream);
  writeTag(scratch, 2, 1 + varintSize(nameSize) + nameSize);
  writeText(3, event.stream, nameSize);
  writeNumber(scratch, 3, event.revision);
  writeNumber(scratch, 4, event.position);
  writeNumber(scratch, 5, event.position);
  writeProperty('type', event.type);
  writeProperty('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  writeProperty('created', ticks(event.createdMicroseconds));
  return scratch.buffer.subarray(0, scratch.offset);
}

/** .NET ticks of 100 ns since the Unix epoch; too large for exact arithmetic in a double, so a digit is added. */
function ticks(microseconds: number): string {
  return microseconds === 0 ? '0' : `${microseconds}0`;
}

function writeUuid(id: string, form: UuidForm): void {
  if (form === 'string') {
    writeTag(scratch, 1, id.length + 2);
    writeText(2, id, id.length);
    return;
  }
  const hex = id.replaceAll('-', '');
  const most = BigInt(`0x${hex.slice(0, 16)}`);
  const least = BigInt(`0x${hex.slice(16)}`);
  const size = 2 + varintSize(most) + varintSize(least);
  writeTag(scratch, 1, size + 2);
  writeTag(scratch, 1, size);
  writeNumber(scratch, 1, most, true);
  writeNumber(scratch, 2, least, true);
}

function writeProperty(key: string, value: string): void {
  const valueSize = Buffer.byteLength(value);
  writeTag(scratch, 6, 2 + key.length + 1 + varintSize(valueSize) + valueSize);
  writeText(1, key, key.length);
  writeText(2, value, valueSize);
}

function writeText(field: number, text: string, size: number): void {
  writeTag(scratch, field, size);
  scratch.offset += scratch.buffer.write(text, scratch.offset, 'utf8');
}

/** Zero is the default and is left out, except where the size was counted with it. */
function writeNumber(target: Target, field: number, value: bigint, always = false): void {
  if (value === 0n && !always) return;
  target.buffer[target.offset++] = field << 3;
  writeVarint(target, value);
}

function payloadSize(payload: Uint8Array): number {
  return payload.length === 0 ? 0 : 1 + varintSize(payload.length) + payload.length;
}

function writePayload(target: Target, field: number, payload: Uint8Array): void {
  if (payload.length === 0) return;
  writeTag(target, field, payload.length);
  target.buffer.set(payload, target.offset);
  target.offset += payload.length;
}

/** A field number below 16 and the wire type 2, then the length. */
function writeTag(target: Target, field: number, size: number): void {
  target.buffer[target.offset++] = (field << 3) | 2;
  writeVarint(target, size);
}

function varintSize(value: number | bigint): number {
  let size = 1;
  let rest = value;
  while (typeof rest === 'bigint' && rest > 0x7fffffffn) {
    rest >>= 7n;
    size += 1;
  }
  for (let low = Number(rest); low > 127; low = Math.floor(low / 128)) size += 1;
  return size;
}

function writeVarint(target: Target, value: number | bigint): void {
  let rest = value;
  while (typeof rest === 'bigint' && rest > 0x7fffffffn) {
    target.buffer[target.offset++] = Number(rest & 127n) | 128;
    rest >>= 7n;
  }
  let low = Number(rest);
  while (low > 127) {
    target.buffer[target.offset++] = (low & 127) | 128;
    low >>>= 7;
  }
  target.buffer[target.offset++] = low;
}
