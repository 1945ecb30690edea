import { text, type RawEvent } from './stored-bytes.ts';

/** What has to be known about types to compare; passed in, for it grows with the service. */
export interface EventKnowledge {
  /** Fields that stand encrypted in the stored bytes: only their names can be checked. */
  readonly personalFieldsOf: (type: string) => readonly string[];
  /** Data as its newest version, from the version that it was stored in. */
  readonly lift: (type: string, version: number, data: Json) => Json;
}

type Json = Readonly<Record<string, unknown>>;

/** The place in the store is no part of the bytes, names in a summary stand encrypted; the data are compared by themselves. */
const unprovable: ReadonlySet<string> = new Set(['summary', 'position', 'data']);
const clientFields: ReadonlySet<string> = new Set(['ip', 'userAgent', 'place']);

/**
 * The first field of a readable entry that does not follow from the stored bytes; `undefined` when all do. Personal
 * fields are checked as far as they must be absent.
 */
export function firstDisagreement(entry: Json, raw: RawEvent, knowledge: EventKnowledge): string | undefined {
  const metadata = recordIn(raw.metadata);
  const { $sealed, ...plain } = recordIn(raw.data);
  const version = typeof metadata['schemaVersion'] === 'number' ? metadata['schemaVersion'] : 1;
  const data = knowledge.lift(raw.type, version, plain);
  const expected = expectedFields(raw, data, metadata);
  const hasClient = metadata['client'] !== undefined;
  const isLie = (name: string) => {
    const value = entry[name];
    if (clientFields.has(name)) return value !== null && !hasClient;
    return !unprovable.has(name) && (!(name in expected) || !sameJson(value, expected[name]));
  };
  const wrong = Object.keys(entry).find(isLie) ?? Object.keys(expected).find((name) => !(name in entry));
  if (wrong !== undefined) return wrong;
  const personal = knowledge.personalFieldsOf(raw.type);
  const disagreeing = dataDisagreement(entry['data'], data, $sealed === undefined, personal);
  return disagreeing && `data.${disagreeing}`;
}

function expectedFields(raw: RawEvent, data: Json, metadata: Json): Json {
  return {
    eventId: raw.id,
    type: raw.type,
    occurredAt: timeOf(data['at']),
    actor: metadata['actor'],
    subject: idIn(data, 'userId') ?? idIn(data, 'toUserId') ?? idIn(data, 'createdBy'),
    teamId: idIn(data, 'teamId'),
    sessionId: idIn(data, 'sessionId') ?? idIn(metadata, 'sessionId'),
    deviceId: idIn(data, 'deviceId') ?? idIn(metadata, 'deviceId'),
    requestId: idIn(metadata, 'requestId'),
    correlationId: idIn(metadata, '$correlationId'),
    causationId: idIn(metadata, '$causationId'),
  };
}

function dataDisagreement(
  shown: unknown,
  data: Json,
  nothingSealed: boolean,
  personal: readonly string[],
): string | undefined {
  if (!isRecord(shown)) return '(whole)';
  for (const [name, value] of Object.entries(shown)) {
    if (personal.includes(name)) {
      if (value !== null && nothingSealed) return name;
    } else if (!(name in data) || !sameJson(value, data[name])) return name;
  }
  return Object.keys(data).find((name) => !(name in shown));
}

function recordIn(bytes: Uint8Array): Json {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(text(bytes));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const idIn = (record: Json, name: string): string | null => {
  const id = record[name];
  return typeof id === 'string' ? id : null;
};

/** As services write times, on days that every month has: written anew they would be the same. */
const canonicalTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

const timeOf = (at: unknown): string | undefined => {
  if (typeof at === 'string' && canonicalTime.test(at)) return at;
  const time = typeof at === 'string' ? new Date(at) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
};

/** The order of fields is no part of JSON, and databases change it. */
function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => sameJson(item, other[at]));
  }
  if (!isRecord(one) || !isRecord(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => name in other && sameJson(one[name], other[name]));
}
