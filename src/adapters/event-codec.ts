import { z } from 'zod';

import type { Context, NewEvent, Recorded, Sealed } from '../application/ports.ts';
import { UnknownEventType } from '../application/ports.ts';
import type { DomainEvent, EventType } from '../domain/events.ts';
import { personalFieldsOf, subjectOf } from './event-personal-fields.ts';
import { eventSchemas, isEventType } from './event-schemas.ts';
import { addressHash, sealClient, sealFields, type SubjectKeys } from './event-sealing.ts';
import { eventUpcasters, newestVersion, upcast, type StoredData, type Upcasters } from './event-upcasters.ts';

/** An event as the store keeps it: JSON, personal fields as ciphertext. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
}

/** Where the store keeps it. `stream` is the name without the prefix of the installation. */
export interface Place {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly recordedAt: Date;
}

export interface EventCodec {
  /** Throws `DamagedEvent` rather than let through what could not be read again. */
  encode(event: NewEvent): Promise<StoredEvent>;
  /** Throws `UnknownEventType`, and `DamagedEvent` where the stored bytes are not what the schema says. */
  decode(stored: StoredEvent, place: Place): Recorded;
  knows(type: string): boolean;
}

/** Names the event and the fields at fault, never their contents. */
export class DamagedEvent extends Error {
  override readonly name = 'DamagedEvent';
}

const sealedField = '$sealed';

const actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), userId: z.string() }),
  z.object({ kind: z.literal('anonymous') }),
  z.object({ kind: z.literal('system') }),
]);

const metadataSchema = z.object({
  actor,
  sessionId: z.string().optional(),
  deviceId: z.string().optional(),
  requestId: z.string().optional(),
  $correlationId: z.string(),
  $causationId: z.string(),
  schemaVersion: z.int().positive(),
  traceparent: z.string().optional(),
  client: z.string().optional(),
  subject: z.string().optional(),
  ipHash: z.string().optional(),
});

type Metadata = z.infer<typeof metadataSchema>;

interface CodecDependencies {
  readonly subjectKeys: Pick<SubjectKeys, 'forSealing'>;
  readonly upcasters: Upcasters;
  /** Told of every client whose address is sealed, so that events can be found by it. */
  readonly rememberAddress: (subject: string, ip: string) => void;
}

export function eventCodec({
  subjectKeys,
  upcasters = eventUpcasters,
  rememberAddress = () => undefined,
}: Pick<CodecDependencies, 'subjectKeys'> & Partial<CodecDependencies>): EventCodec {
  return {
    knows: isEventType,
    encode: (event) => encode(event, { subjectKeys, upcasters, rememberAddress }),
    decode: (stored, place) => decode(stored, place, upcasters),
  };
}

async function encode({ id, event, context }: NewEvent, dependencies: CodecDependencies): Promise<StoredEvent> {
  const data: StoredData = checked(event.type, id, event.data);
  const { plain, fields, client, subject, ipHash } = await sealed({ id, event, context }, data, dependencies);
  return {
    id,
    type: event.type,
    data: defined({ ...plain, [sealedField]: fields }),
    metadata: defined({
      actor: context.actor,
      sessionId: context.sessionId,
      deviceId: context.deviceId,
      requestId: context.requestId,
      $correlationId: context.correlationId,
      $causationId: context.causationId,
      traceparent: context.traceparent,
      schemaVersion: newestVersion(event.type, dependencies.upcasters),
      client,
      ipHash,
      subject: fields === undefined && client === undefined ? undefined : subject,
    }),
  };
}

interface SealedParts {
  readonly plain: StoredData;
  readonly fields?: string | undefined;
  readonly client?: string | undefined;
  readonly subject?: string;
  readonly ipHash?: string | undefined;
}

/** What stays in the clear, and the rest as ciphertexts. Without a subject, or once its key is destroyed, the rest is dropped. */
async function sealed(
  { id, event, context }: NewEvent,
  data: StoredData,
  { subjectKeys, rememberAddress }: Pick<CodecDependencies, 'subjectKeys' | 'rememberAddress'>,
): Promise<SealedParts> {
  const personal = personalFieldsOf(event.type);
  const plain = omit(data, personal);
  const subject = subjectOf(event, context.actor);
  if (subject === undefined || (context.client === undefined && personal.length === 0)) return { plain };
  const key = await subjectKeys.forSealing(subject);
  if (key === undefined) return { plain };
  const under = { subject, key, eventId: id };
  const ip = context.client?.ip ?? undefined;
  if (ip !== undefined) rememberAddress(subject, ip);
  return {
    plain,
    subject,
    fields: sealFields(under, pick(data, personal)),
    client: context.client && sealClient(under, context.client),
    ipHash: ip && addressHash(key, ip),
  };
}

function decode(stored: StoredEvent, place: Place, upcasters: Upcasters): Recorded {
  const { id, type } = stored;
  if (!isEventType(type)) {
    throw new UnknownEventType(`${place.stream}@${String(place.revision)} has the unknown type ${type}.`);
  }
  // The schemas say what is wrong; that nothing is wrong is seen without them in a tenth of the time.
  const metadata = isMetadata(stored.metadata) ? stored.metadata : parsed(metadataSchema, type, id, stored.metadata);
  const found = isRecord(stored.data) ? stored.data : parsed(recordSchema, type, id, stored.data);
  const data = checked(
    type,
    id,
    withPersonalFields(type, upcast(type, metadata.schemaVersion, plainOf(found), upcasters)),
  );
  const sealed = sealedOf(metadata, found[sealedField]);
  return {
    id,
    ...place,
    event: { type, data } as DomainEvent,
    context: contextOf(metadata),
    ...(sealed && { sealed }),
  };
}

const recordSchema = z.record(z.string(), z.unknown());

const plainOf = (data: StoredData): StoredData => (sealedField in data ? omit(data, [sealedField]) : data);

/** What is sealed reads as `null` until it is opened. */
function withPersonalFields(type: EventType, data: StoredData): StoredData {
  const personal = personalFieldsOf(type);
  return personal.length === 0 ? data : { ...data, ...Object.fromEntries(personal.map((field) => [field, null])) };
}

/** The same as `metadataSchema` says, except for fields that nobody reads. */
function isMetadata(value: unknown): value is Metadata {
  if (!isRecord(value) || !isActor(value['actor'])) return false;
  const { schemaVersion } = value;
  return (
    typeof value['$correlationId'] === 'string' &&
    typeof value['$causationId'] === 'string' &&
    Number.isSafeInteger(schemaVersion) &&
    Number(schemaVersion) > 0 &&
    optionalTexts.every((name) => value[name] === undefined || typeof value[name] === 'string')
  );
}

const optionalTexts = ['sessionId', 'deviceId', 'requestId', 'client', 'subject', 'ipHash'] as const;

const isActor = (value: unknown): boolean =>
  isRecord(value) &&
  (value['kind'] === 'user'
    ? typeof value['userId'] === 'string'
    : value['kind'] === 'anonymous' || value['kind'] === 'system');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The data as its schema reads it. */
export function checked(type: EventType, id: string, data: unknown): StoredData {
  return parsed<StoredData>(eventSchemas[type], type, id, data);
}

function parsed<Value>(schema: z.ZodType<Value>, type: string, id: string, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, code }) => `${path.map(String).join('.') || '(whole)'}: ${code}`);
  throw new DamagedEvent(`Event ${id} of type ${type} is not what its schema says (${faults.join(', ')}).`);
}

function contextOf(metadata: Metadata): Context {
  const { actor, sessionId, deviceId, requestId, $correlationId, $causationId, client, traceparent } = metadata;
  return {
    actor: actor.kind === 'user' ? { kind: 'user', userId: actor.userId } : { kind: actor.kind },
    ...(sessionId !== undefined && { sessionId }),
    ...(deviceId !== undefined && { deviceId }),
    ...(requestId !== undefined && { requestId }),
    correlationId: $correlationId,
    causationId: $causationId,
    ...(client !== undefined && { client: { ip: null, userAgent: null, place: null } }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

function sealedOf({ subject, client, ipHash }: Metadata, data: unknown): Sealed | undefined {
  if (subject === undefined) return undefined;
  return {
    subject,
    ...(typeof data === 'string' && { data }),
    ...(client !== undefined && { client }),
    ...(ipHash !== undefined && { ipHash }),
  };
}

function pick(data: StoredData, fields: readonly string[]): StoredData {
  return Object.fromEntries(fields.map((field) => [field, data[field]]));
}

function omit(data: StoredData, fields: readonly string[]): StoredData {
  if (fields.length === 0) return data;
  return Object.fromEntries(Object.entries(data).filter(([field]) => !fields.includes(field)));
}

function defined(record: StoredData): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
