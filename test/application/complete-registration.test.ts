import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { contextFrom } from '../../src/application/context.ts';
import type { Context, EventStore } from '../../src/application/ports.ts';
import { completeRegistration } from '../../src/application/registration/complete-registration.ts';
import { streams } from '../../src/application/streams.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const clock = () => now;
const emailHash = 'hash';
const store = memoryEventStore({ clock });
const stranger: Context = { actor: { kind: 'anonymous' }, correlationId: randomUUID(), causationId: randomUUID() };

/** As the job does it that follows from `RegistrationSubmitted`. */
async function complete(userId: string, eventStore: EventStore = store): Promise<void> {
  const [submitted] = (await store.readStream(streams.user(userId))).events;
  const nothing = () => Promise.resolve();
  const run = completeRegistration({
    eventStore,
    snapshots: { load: () => Promise.resolve(undefined), save: nothing },
    newId: randomUUID,
    backOff: nothing,
    clock,
    credentials: { remove: nothing } as never,
    personalData: { destroyKey: nothing } as never,
    tokens: { derivedId: () => randomUUID() } as never,
  });
  await run({ userId }, contextFrom(submitted ?? expect.fail('not submitted')));
}

async function submit(): Promise<string> {
  const [userId, teamId, credentialId] = [randomUUID(), randomUUID(), randomUUID()];
  const ids = { userId, teamId, credentialId, emailHash, deviceId: 'd' };
  const data = { ...ids, email: 'a@example.com', name: 'Ada', teamName: 'Team', at: now.toISOString() };
  const event = { type: 'RegistrationSubmitted', data } as const;
  await store.append(streams.user(userId), [{ id: randomUUID(), event, context: stranger }], 'no-stream');
  return userId;
}

const told = () => store.all().filter(({ event }) => event.type === 'RegistrationRepeated').length;

/** The process dies before this event reaches the log. */
const dyingBefore = (type: string): EventStore => ({
  ...store,
  append: (stream, events, expected) =>
    events.some(({ event }) => event.type === type)
      ? Promise.reject(new Error('killed'))
      : store.append(stream, events, expected),
});

it('tells the holder of an address once of each registration, also where it is killed just after', async () => {
  await complete(await submit());
  const second = await submit();
  await expect(complete(second, dyingBefore('RegistrationRefused'))).rejects.toThrow('killed');
  expect(told()).toBe(1);
  await complete(second);
  await complete(second);
  expect(told()).toBe(1);
  const { events } = await store.readStream(streams.user(second));
  expect(events.map(({ event }) => event.type)).toEqual(['RegistrationSubmitted', 'RegistrationRefused']);
  await complete(await submit());
  expect(told()).toBe(2);
});
