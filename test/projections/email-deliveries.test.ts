import { afterAll, beforeAll, expect, test } from 'vitest';
import { emailDeliveriesPage } from '../../src/projections/email-deliveries.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog, type TestLog } from './log.ts';
import { person, time } from './story.ts';
import { start, type Running } from './support.ts';

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, all);
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

test('e-mail deliveries: what became of each mail, by status, page by page', async () => {
  const { userId } = person(1);
  const mail = { userId, template: 'verification' } as const;
  const about = (k: number) => ({ messageId: id(0x7000_0000 + k), ...mail, at: time(k) });
  const started = (k: number, attempt: number, at: string) =>
    log.append(`email-${about(k).messageId}`, { type: 'EmailSendStarted', data: { ...about(k), attempt, at } });
  started(1, 1, time(1));
  started(1, 2, time(3));
  const sent = { ...about(1), providerMessageId: 'p-1', at: time(4) };
  log.append(`email-${about(1).messageId}`, { type: 'EmailSent', data: sent });
  started(2, 1, time(2));
  const erased = { ...about(3), reason: 'recipient-erased' } as const;
  log.append(`email-${about(3).messageId}`, { type: 'EmailRejected', data: erased });
  started(4, 1, time(5));
  const dropped = { ...about(4), reason: 'no-longer-needed', at: time(7) } as const;
  log.append(`email-${about(4).messageId}`, { type: 'EmailDropped', data: dropped });
  await running.caughtUp();

  const page = await emailDeliveriesPage(database.pool, {}, { limit: 10 });
  expect(page.items[0]).toMatchObject({ reason: 'no-longer-needed', endedAt: time(7), latencyMs: 2000 });
  expect(page.items.map(({ messageId, status, attempts }) => [messageId, status, attempts])).toEqual([
    [about(4).messageId, 'dropped', 1],
    [about(3).messageId, 'rejected', 0],
    [about(2).messageId, 'sending', 1],
    [about(1).messageId, 'sent', 2],
  ]);
  const times = { firstAttemptAt: time(1), lastAttemptAt: time(3), endedAt: time(4), latencyMs: 3000 };
  expect(page.items[3]).toMatchObject({ ...times, providerMessageId: 'p-1' });
  const newest = await emailDeliveriesPage(database.pool, {}, { limit: 2 });
  const older = await emailDeliveriesPage(database.pool, {}, { limit: 5, cursor: newest.nextCursor });
  expect(older.items.map(({ status }) => status)).toEqual(['sending', 'sent']);
  const rejected = await emailDeliveriesPage(database.pool, { status: 'rejected' }, { limit: 5 });
  expect(rejected.items.map(({ reason }) => reason)).toEqual(['recipient-erased']);
});
