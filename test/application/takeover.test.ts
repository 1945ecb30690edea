import { expect, it } from 'vitest';
import { Unavailable, type EventStore, type SessionRecord } from '../../src/application/ports.ts';
import { describeTakeover } from '../../src/application/sessions/describe-takeover.ts';

const superseded = { userId: 'ada', sessionId: 'old', status: 'superseded' } as SessionRecord;

function watched() {
  const seen = { reads: 0, away: false, now: 0 };
  const event = { type: 'SessionSuperseded', data: { sessionId: 'old' } };
  const client = { ip: '198.51.100.7', userAgent: 'Firefox', place: 'Oslo' };
  const read = { revision: 0n, events: [{ event, context: { client } }] } as unknown as Awaited<
    ReturnType<EventStore['readStream']>
  >;
  const describe = describeTakeover({
    eventStore: {
      append: () => Promise.reject(new Error('nothing is written here')),
      readStream: () => {
        seen.reads += 1;
        return seen.away ? Promise.reject(new Unavailable('event-store')) : Promise.resolve(read);
      },
    },
    personalData: { open: <T>(recorded: T) => Promise.resolve(recorded) } as never,
    clock: () => new Date(seen.now),
    deviceName: (userAgent) => userAgent,
  });
  return { seen, describe: () => describe(superseded) };
}

const taken = { byIp: '198.51.100.7', byDevice: 'Firefox', byPlace: 'Oslo' };

it('is read once a minute, however often somebody asks', async () => {
  const { seen, describe } = watched();
  expect(await Promise.all([describe(), describe(), describe()])).toEqual([taken, taken, taken]);
  seen.now = 59_999;
  expect(await describe()).toEqual(taken);
  expect(seen.reads).toBe(1);
  seen.now = 60_000;
  expect(await describe()).toEqual(taken);
  expect(seen.reads).toBe(2);
});

it('is looked for again after an outage', async () => {
  const { seen, describe } = watched();
  seen.away = true;
  await expect(describe()).rejects.toThrow(Unavailable);
  seen.away = false;
  expect(await describe()).toEqual(taken);
});
