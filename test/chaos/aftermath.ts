import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import pg from 'pg';
import { projections } from '../../src/projections/all.ts';
import { rebuildProjections } from '../../src/projections/rebuild.ts';
import { openEventLog } from '../e2e/event-log.ts';
import { eventually } from '../e2e/journey.ts';
import type { Stack } from '../e2e/stack.ts';
import { mailsOf, type World } from './asking.ts';
import { readRawLog } from './raw-log.ts';
import type { RawEvent } from './record.ts';

const settledMs = 90_000;
const settlingMs = 400;

/** What has to follow from an event: one of the types, about the same thing. */
const followUps: Readonly<Record<string, { types: readonly string[]; same: string }>> = {
  RegistrationSubmitted: { types: ['UserRegistered', 'RegistrationRefused'], same: 'userId' },
  EmailVerified: { types: ['MemberAdded'], same: 'userId' },
  InvitationAccepted: { types: ['MemberJoined', 'InvitationAcceptanceFailed'], same: 'userId' },
  LoginCompleted: { types: ['SessionStarted'], same: 'loginId' },
  GeoCheckFailed: { types: ['GeoCheckCompleted'], same: 'loginId' },
  EmailSendStarted: { types: ['EmailSent', 'EmailRejected', 'EmailDropped'], same: 'messageId' },
};

/** The log once everything that has to follow has followed, and nothing more comes. */
export async function settledLog(stack: Stack, world: World): Promise<RawEvent[]> {
  let before = -1;
  return eventually(async () => {
    await pause(settlingMs);
    const events = await readRawLog(stack.servers.eventStore, stack.streamPrefix);
    await mailsOf(world);
    const wasBefore = before;
    before = events.length;
    expect(unfinished(events, world)).toEqual([]);
    expect(events.length).toBe(wasBefore);
    await readModelsAreAt(stack, events.at(-1)?.position ?? 0n);
    return events;
  }, settledMs);
}

/** A mail that was begun, never left, and lost its worth meanwhile to a newer one is not begun again. */
const losesItsWorth: ReadonlySet<unknown> = new Set(['verification', 'device-code', 'invitation', 'password-reset']);

function unfinished(events: readonly RawEvent[], { record }: World): string[] {
  const arrived = new Set([...record.mails.values()].map(({ messageId }) => messageId));
  return events.flatMap(({ type, data }) => {
    const owed = followUps[type];
    if (owed === undefined) return [];
    const { types, same } = owed;
    if (losesItsWorth.has(data['template']) && !arrived.has(String(data['messageId']))) return [];
    const follows = events.some((event) => types.includes(event.type) && event.data[same] === data[same]);
    return follows ? [] : [`${types.join(' or ')} after ${type} ${String(data[same])}`];
  });
}

async function readModelsAreAt({ database: { pool } }: Stack, end: bigint): Promise<void> {
  const { rows } = await pool.query<{ name: string; position: string; parked: number }>(
    'select name, position, parked from engine.projection_checkpoint where active',
  );
  expect(rows.length).toBe(projections.length);
  for (const { name, position, parked } of rows) {
    expect(BigInt(position), name).toBeGreaterThanOrEqual(end);
    expect(parked, name).toBe(0);
  }
}

/** The tables that a rebuild from zero makes otherwise than they are. */
export async function tablesThatDiffer(stack: Stack): Promise<string[]> {
  const log = openEventLog(stack);
  const pool = new pg.Pool({ connectionString: stack.database.url, max: projections.length + 2 });
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const about = { pool, subscribe: log.subscribe, signal: AbortSignal.timeout(90_000) };
  try {
    const reports = await rebuildProjections({ ...about, projections, logger });
    const tables = reports.flatMap((report) => report.tables);
    expect(tables.filter(({ rowsAfter }) => rowsAfter > 0).length).toBeGreaterThan(projections.length / 2);
    return tables.filter(({ same }) => !same).map((table) => JSON.stringify(table));
  } finally {
    await pool.end();
    await log.close();
  }
}
