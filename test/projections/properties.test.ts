import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildProjections } from '../../src/projections/rebuild.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog, type TestLog } from './log.ts';
import { completeLogin, login, person, register, startLogin, time, verify } from './story.ts';
import { rowsOf, silent, start } from './support.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

type Step = (log: TestLog, n: number, k: number) => void;

/** In any order, also in orders that no decider would allow: a read model may not depend on how they were batched. */
const steps: Record<string, Step> = {
  register: (log, n) => {
    register(log, n);
  },
  verify: (log, n, k) => {
    verify(log, n, time(k));
  },
  startLogin: (log, n, k) => {
    startLogin(log, n, k);
  },
  completeLogin: (log, n, k) => {
    completeLogin(log, n, k);
  },
  refresh: (log, n, k) => {
    const { userId, teamId } = person(n);
    const data = { sessionId: login(n, k).sessionId, userId, teamId, generation: k, at: time(k) };
    log.append(`sessions-${userId}`, { type: 'SessionRefreshed', data });
  },
  expire: (log, n, k) => {
    const { userId, teamId } = person(n);
    const data = { sessionId: login(n, k).sessionId, userId, teamId, cause: 'absolute', at: time(k) } as const;
    log.append(`sessions-${userId}`, { type: 'SessionExpired', data });
  },
  useDevice: (log, n, k) => {
    const { userId, deviceId } = person(n);
    const data = { userId, deviceId, loginId: id(k), trustedUntil: time(k), at: time(k) };
    log.append(`devices-${userId}`, { type: 'DeviceUsed', data });
  },
  sendMail: (log, n, k) => {
    const { userId } = person(n);
    const data = { messageId: id(n), userId, template: 'new-device', attempt: k, at: time(k) } as const;
    log.append(`email-${id(n)}`, { type: 'EmailSendStarted', data });
  },
  rejectMail: (log, n, k) => {
    const { userId } = person(n);
    const data = {
      messageId: id(n),
      userId,
      template: 'new-device',
      reason: 'inactive-recipient',
      at: time(k),
    } as const;
    log.append(`email-${id(n)}`, { type: 'EmailRejected', data });
  },
  dropMail: (log, n, k) => {
    const { userId } = person(n);
    const about = { messageId: id(n), userId, template: 'new-device', at: time(k) } as const;
    log.append(`email-${id(n)}`, { type: 'EmailDropped', data: { ...about, reason: 'no-longer-needed' } });
  },
};

const history = fc.array(
  fc.record({
    step: fc.constantFrom(...Object.keys(steps)),
    n: fc.integer({ min: 1, max: 3 }),
    k: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 60 },
);

test('one event at a time, in batches, or rebuilt from zero: the rows are the same', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.array(fc.nat(10), { maxLength: 5 }), async (events, pauses) => {
      await database.pool.query('truncate engine.projection_checkpoint cascade');
      await database.pool.query(
        `do $$ declare s text; begin for s in select nspname from pg_namespace where nspname like 'rm\\_%' loop
           execute 'drop schema ' || s || ' cascade'; end loop; end $$`,
      );
      const log = testLog();
      const projector = start(database.pool, log, all);
      await projector.caughtUp();
      for (const [index, { step, n, k }] of events.entries()) {
        steps[step]?.(log, n, k);
        if (pauses.includes(index)) await projector.caughtUp();
      }
      await projector.caughtUp();
      await projector.stop();
      const incremental = await Promise.all(all.map((projection) => rowsOf(database.pool, projection)));
      const signal = new AbortController().signal;
      const pool = database.pool;
      const reports = await rebuildProjections({
        projections: all,
        pool,
        subscribe: log.subscribe,
        signal,
        logger: silent,
      });
      expect(await Promise.all(all.map((projection) => rowsOf(pool, projection)))).toEqual(incremental);
      expect(reports.flatMap(({ tables }) => tables).every(({ same }) => same)).toBe(true);
    }),
    { numRuns: 12 },
  );
});
