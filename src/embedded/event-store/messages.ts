import type { Map as ProtobufMap } from 'google-protobuf';
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { invalidArgument, missingMetadataProperty } from './errors.ts';
import { maxNameBytes, type NewEvent } from './event.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function readStreamName(identifier: StreamIdentifier | undefined): string {
  const bytes = identifier?.getStreamName_asU8() ?? new Uint8Array();
  if (bytes.length === 0) throw invalidArgument('The stream name is missing.');
  const name = decode(bytes);
  checkName(name, 'stream name');
  if (name === '$all') throw invalidArgument("'$all' is not the name of a stream.");
  return name;
}

export function readUuid(uuid: UUID | undefined): string {
  const structured = uuid?.getStructured();
  const text =
    structured === undefined
      ? (uuid?.getString() ?? '').toLowerCase()
      : fromBits(structured.getMostSignificantBits(), structured.getLeastSignificantBits());
  if (!uuidPattern.test(text)) throw invalidArgument('An id is missing or is not a UUID.');
  return text;
}

interface ProposedMessage {
  getId: () => UUID | undefined;
  getMetadataMap: () => ProtobufMap<string, string>;
  getCustomMetadata_asU8: () => Uint8Array;
  getData_asU8: () => Uint8Array;
}

export function readProposedEvent(message: ProposedMessage): NewEvent {
  const properties = message.getMetadataMap();
  const type = requiredProperty(properties, 'type');
  const contentType = requiredProperty(properties, 'content-type');
  checkName(type, 'event type');
  return {
    id: readUuid(message.getId()),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

function requiredProperty(properties: ProtobufMap<string, string>, name: string): string {
  const value = properties.get(name);
  if (value === undefined || value === '') throw missingMetadataProperty(name);
  return value;
}

/** Postgres keeps no NUL in a text, and an index entry is limited. */
function checkName(name: string, what: string): void {
  if (name.includes('\0')) throw invalidArgument(`The ${what} contains a NUL character.`);
  if (Buffer.byteLength(name) > maxNameBytes) throw invalidArgument(`The ${what} exceeds ${maxNameBytes} bytes.`);
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidArgument('The stream name is not UTF-8.');
  }
}

function fromBits(most: string, least: string): string {
  const hex = [most, least].map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
