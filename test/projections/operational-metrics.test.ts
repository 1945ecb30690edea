import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { alertMeasurements } from '../../src/composition/alert-measurements.ts';
import { alertRulesOf } from '../../src/composition/alert-rules.ts';
import { evaluateAlerts } from '../../src/application/alerts/evaluate-alerts.ts';
import { loadConfig } from '../../src/config.ts';
import type { AlertName } from '../../src/domain/alert/events.ts';
import { operationalFigures } from '../../src/projections/operational-figures.ts';
import { operationalMetrics } from '../../src/projections/operational-metrics.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { id, testLog, type TestLog } from './log.ts';
import { start, type Running } from './support.ts';

let database: TestDatabase;
let log: TestLog;
let running: Running;
let last = 0x100;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, [operationalMetrics]);
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

const noon = new Date('2026-03-01T12:00:00.000Z');
const at = (minutes: number) => new Date(noon.getTime() + minutes * 60_000).toISOString();
const next = () => id((last += 1));
const [teamA, teamB] = [next(), next()];
const [ann, bob] = [next(), next()];

function login(
  userId: string,
  teamId: string,
  minutes: number,
  more: { flagged?: true; coded?: true; session?: string } = {},
) {
  const loginId = next();
  const about = { loginId, userId, at: at(minutes) };
  const stream = `login-${loginId}`;
  const plain = { deviceId: next(), remember: false, transport: 'bearer', expiresAt: at(minutes + 15) } as const;
  log.append(stream, { type: 'LoginStarted', data: { ...about, ...plain, deviceTrusted: !more.coded } });
  if (more.coded)
    log.append(stream, { type: 'LoginDeviceApproved', data: { ...about, deviceId: plain.deviceId, codeId: next() } });
  if (more.flagged) {
    const flag = { ruleVersion: 1, signals: ['new-country' as const], inputs: null, decisionId: next() };
    log.append(stream, { type: 'LoginFlagged', data: { ...about, ...flag, expiresAt: at(minutes + 60) } });
  }
  const sessionId = more.session ?? next();
  const completed = { teamId, roleId: next(), sessionId, deviceId: plain.deviceId };
  const { remember, transport } = plain;
  log.append(stream, { type: 'LoginCompleted', data: { ...about, ...completed, remember, transport } });
}

function failure(userId: string, minutes: number) {
  const data = { userId, loginId: next(), reason: 'wrong-password' as const, at: at(minutes) };
  log.append(`user-${userId}`, { type: 'LoginFailed', data });
}

function session(userId: string, teamId: string, from: number, to: number, how: 'expired' | 'logged-out' | 'reused') {
  const about = { sessionId: next(), userId, teamId };
  const stream = `sessions-${userId}`;
  const began = { roleId: next(), deviceId: next(), loginId: next(), remember: false, transport: 'bearer' as const };
  const data = { ...about, ...began, idleTimeoutSeconds: 3600, expiresAt: at(from + 1440), at: at(from) };
  log.append(stream, { type: 'SessionStarted', data });
  if (how === 'expired') {
    log.append(stream, { type: 'SessionExpired', data: { ...about, cause: 'idle', at: at(to) } });
    return;
  }
  const reason = how === 'reused' ? 'refresh-token-reused' : 'logged-out';
  log.append(stream, { type: 'SessionRevoked', data: { ...about, reason, at: at(to) } });
}

function refreshes(minutes: number, count: number) {
  for (let time = 1; time <= count; time++) {
    const data = { sessionId: next(), userId: ann, teamId: teamA, generation: time, at: at(minutes) };
    log.append(`sessions-${ann}`, { type: 'SessionRefreshed', data });
  }
}

function mail(minutes: number, attempts: number, outcome: 'sent' | 'rejected' | 'parked' | 'bounced' | undefined) {
  const about = { messageId: next(), userId: ann, template: 'verification' as const, at: at(minutes) };
  const stream = `email-${about.messageId}`;
  for (let attempt = 1; attempt <= attempts; attempt++)
    log.append(stream, { type: 'EmailSendStarted', data: { ...about, attempt } });
  if (outcome === 'rejected')
    log.append(stream, { type: 'EmailRejected', data: { ...about, reason: 'inactive-recipient' } });
  const cause = { stream: 'user-1', revision: '0', eventId: next() };
  if (outcome === 'parked') log.append(stream, { type: 'EmailParked', data: { ...about, cause } });
  if (outcome === 'sent' || outcome === 'bounced')
    log.append(stream, { type: 'EmailSent', data: { ...about, providerMessageId: 'p' } });
  if (outcome === 'bounced')
    log.append(stream, { type: 'EmailBounced', data: { ...about, bounceId: '1', kind: 'hard' } });
}

test('the figures of a window, of all and of a team', async () => {
  for (let time = 0; time < 3; time++) login(ann, teamA, 1);
  login(bob, teamB, 2, { coded: true, flagged: true });
  login(ann, teamA, -120);
  failure(ann, 3);
  session(ann, teamA, -30, 5, 'expired');
  session(ann, teamA, 0, 15, 'logged-out');
  session(bob, teamB, 0, 10, 'reused');
  refreshes(6, 3);
  mail(7, 1, 'sent');
  mail(7, 1, undefined);
  mail(7, 2, undefined);
  mail(7, 1, 'rejected');
  mail(7, 1, 'parked');
  mail(7, 1, 'bounced');
  const reset = { userId: ann, credentialId: next(), replacedCredentialId: next(), keepSessionId: null, at: at(8) };
  log.append(`user-${ann}`, { type: 'PasswordChanged', data: { ...reset, reason: 'reset' } });
  await running.caughtUp();

  expect(await operationalFigures(database.pool, noon)).toEqual({
    logins: { completed: 4, failed: 1, began: 4, flagged: 1, trusted: 3, coded: 1 },
    sessions: { ended: 3, endedNaturally: 1, averageSeconds: (35 + 15 + 10) * 20 },
    refreshes: { all: 4, failed: 1 },
    resets: 1,
    mails: { all: 6, failed: 4 },
  });
  expect(await operationalFigures(database.pool, noon, { teamId: teamA, memberIds: [ann] })).toMatchObject({
    logins: { completed: 3, failed: 1, flagged: 0 },
    sessions: { ended: 2, endedNaturally: 1 },
    refreshes: { all: 3, failed: 0 },
  });
  expect(await operationalFigures(database.pool, noon, { teamId: teamB, memberIds: [bob] })).toMatchObject({
    logins: { completed: 1, failed: 0, flagged: 1, coded: 1 },
    resets: 0,
    mails: { all: 0 },
  });
  expect((await operationalFigures(database.pool, new Date(at(-180)))).logins.completed).toBe(5);
});

test('every alert is raised as a warning and as critical, and cleared, from what happened', async () => {
  const world = { now: noon, worst: 0, unrecorded: 0, paused: false };
  const clock = () => world.now;
  const eventStore = memoryEventStore({ clock });
  const evaluate = evaluateAlerts({
    ...{ eventStore, clock, newId: randomUUID, backOff: () => Promise.resolve() },
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    alertRules: alertRulesOf(loadConfig({})),
    measure: alertMeasurements({
      readModels: database.pool,
      clock,
      mostFailuresFromOneAddress: () => Promise.resolve(world.worst),
      failedRefreshes: () => Promise.resolve(world.unrecorded),
      isMailPaused: () => Promise.resolve(world.paused),
      isAuditWrong: () => Promise.resolve(world.paused),
    }),
  });
  const context = () => ({
    actor: { kind: 'system' } as const,
    correlationId: randomUUID(),
    causationId: randomUUID(),
  });
  const told = async (name: AlertName) =>
    (await eventStore.readStream(`alert-${name}`)).events.map(({ event }) =>
      event.type === 'AlertRaised' ? event.data.level : event.type,
    );
  /** Each day is far from the window of the one before. */
  const on = async (day: number, happen: (minutes: number) => void) => {
    happen(day * 1440);
    await running.caughtUp();
    world.now = new Date(at(day * 1440 + 30));
    await evaluate({}, context());
    await evaluate({}, context());
  };
  const times = (count: number, what: () => void) => {
    for (let time = 0; time < count; time++) what();
  };

  await on(1, (minutes) => {
    times(93, () => {
      login(ann, teamA, minutes);
    });
    times(7, () => {
      login(ann, teamA, minutes, { flagged: true });
    });
    refreshes(minutes, 97);
    times(3, () => {
      session(ann, teamA, minutes, minutes, 'reused');
    });
    times(93, () => {
      mail(minutes, 1, 'sent');
    });
    times(7, () => {
      mail(minutes, 2, undefined);
    });
    world.worst = 11;
  });
  await on(2, (minutes) => {
    times(40, () => {
      login(ann, teamA, minutes);
    });
    times(10, () => {
      login(ann, teamA, minutes, { flagged: true });
    });
    refreshes(minutes, 40);
    times(10, () => {
      session(ann, teamA, minutes, minutes, 'reused');
    });
    times(40, () => {
      mail(minutes, 1, 'sent');
    });
    times(10, () => {
      mail(minutes, 1, 'rejected');
    });
    world.worst = 21;
    world.paused = true;
  });
  await on(3, (minutes) => {
    times(30, () => {
      login(ann, teamA, minutes);
    });
    refreshes(minutes, 30);
    times(30, () => {
      mail(minutes, 1, 'sent');
    });
    world.worst = 2;
    world.paused = false;
  });

  // Refreshes that only failed, and left no event: while the log was away.
  await on(4, (minutes) => {
    refreshes(minutes, 97);
    world.unrecorded = 3;
  });
  await on(5, (minutes) => {
    refreshes(minutes, 30);
    world.unrecorded = 30;
  });
  await on(6, (minutes) => {
    refreshes(minutes, 30);
    world.unrecorded = 0;
  });
  const twice = ['warning', 'critical', 'AlertCleared'];
  expect(await told('session-errors')).toEqual([...twice, ...twice]);

  const table: AlertName[] = ['failed-logins-per-ip', 'suspicious-logins', 'email-failures'];
  for (const name of table) expect([name, await told(name)]).toEqual([name, ['warning', 'critical', 'AlertCleared']]);
  expect(await told('mail-sending-paused')).toEqual(['critical', 'AlertCleared']);
  expect(await told('audit-mismatch')).toEqual(['critical', 'AlertCleared']);
});

test('two failures of two are no alert', async () => {
  const measure = alertMeasurements({
    readModels: database.pool,
    clock: () => new Date(at(20 * 1440 + 30)),
    mostFailuresFromOneAddress: () => Promise.reject(new Error('Redis is away')),
    failedRefreshes: () => Promise.reject(new Error('Redis is away')),
    isMailPaused: () => Promise.resolve(false),
    isAuditWrong: () => Promise.reject(new Error('PostgreSQL is away')),
  });
  mail(20 * 1440, 1, 'rejected');
  mail(20 * 1440, 1, 'rejected');
  await running.caughtUp();
  const measured = await measure();
  expect(measured['email-failures']).toEqual({ value: 1, samples: 2 });
  expect(measured).not.toHaveProperty('failed-logins-per-ip');
  expect(measured).not.toHaveProperty('session-errors');
  expect(measured).not.toHaveProperty('audit-mismatch');
});
