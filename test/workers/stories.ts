import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Client, Context, EventStore, PersonalData, Recorded, Tokens } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import type { JobMetrics, Logger } from '../../src/workers/job.ts';

export const at = '2026-03-01T12:00:00.000Z';
export const later = (milliseconds: number, from = at): string =>
  new Date(Date.parse(from) + milliseconds).toISOString();

export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
export const office: Client = { ip: '203.0.113.77', userAgent: firefox, place: 'Berlin, Germany' };

export function someContext(client?: Client): Context {
  const requestId = randomUUID();
  return { actor: { kind: 'anonymous' }, correlationId: requestId, causationId: requestId, ...(client && { client }) };
}

/** Appends to the end of a stream and gives back what was recorded. */
export async function tell(
  eventStore: EventStore,
  stream: string,
  event: DomainEvent,
  client?: Client,
): Promise<Recorded> {
  const id = randomUUID();
  await eventStore.append(stream, [{ id, event, context: someContext(client) }], 'any');
  const { events } = await eventStore.readStream(stream);
  const recorded = events.find((candidate) => candidate.id === id);
  if (recorded === undefined) throw new Error('not recorded');
  return recorded;
}

export interface Person {
  readonly userId: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly teamName: string | null;
}

export function somebody(person: Partial<Person> = {}): Person {
  return { userId: randomUUID(), email: 'ada@example.com', name: 'Ada Lovelace', teamName: 'Engines', ...person };
}

export function submit(eventStore: EventStore, person: Person): Promise<Recorded> {
  const { userId } = person;
  const data = { ...person, emailHash: 'ab'.repeat(32), teamId: randomUUID(), credentialId: randomUUID() };
  return tell(eventStore, streams.user(userId), {
    type: 'RegistrationSubmitted',
    data: { ...data, deviceId: randomUUID(), at },
  });
}

export function register(eventStore: EventStore, userId: string, expiresAt = later(86_400_000)): Promise<Recorded> {
  return tell(eventStore, streams.user(userId), {
    type: 'UserRegistered',
    data: { userId, verificationId: randomUUID(), verificationExpiresAt: expiresAt, at },
  });
}

/** The memory store keeps personal fields in the clear. */
export const personalData: PersonalData = {
  open: (recorded) => Promise.resolve(recorded),
  openFields: () => Promise.reject(new Error('not asked for by jobs')),
  destroyKey: () => Promise.reject(new Error('not asked for by jobs')),
};

export const tokens: Pick<Tokens, 'issue' | 'deviceCode' | 'derivedId'> = {
  issue: (purpose, ids) => Buffer.from([purpose, ...ids].join('/')).toString('base64url'),
  deviceCode: () => '314159',
  derivedId: (cause, name) => `${cause}-${name}`,
};

export interface LogLine {
  readonly fields: object;
  readonly message: string;
}

export function memoryLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write = (fields: object, message: string): void => void lines.push({ fields, message });
  return { lines, info: write, warn: write, error: write };
}

export function memoryMetrics(): JobMetrics & { readonly latencies: number[]; readonly failed: [string, boolean][] } {
  const latencies: number[] = [];
  const failed: [string, boolean][] = [];
  return {
    latencies,
    failed,
    jobStarted: () => undefined,
    jobCompleted: () => undefined,
    jobFailed: (name, final) => void failed.push([name, final]),
    eventToJobSeconds: (seconds) => void latencies.push(seconds),
  };
}
