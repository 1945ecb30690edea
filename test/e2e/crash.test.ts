import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import pg from 'pg';
import type { EventType } from '../../src/domain/events.ts';
import { projections } from '../../src/projections/all.ts';
import { checkDrift } from '../../src/projections/drift.ts';
import { rebuildProjections } from '../../src/projections/rebuild.ts';
import { openEventLog, type EventLog, type LoggedEvent } from './event-log.ts';
import { eventually, mailTo } from './journey.ts';
import { doubledEvents, repeated } from './once-only.ts';
import { persistently, seededRandom } from './persistence.ts';
import { startOwnServers, type OwnServers } from './servers.ts';
import { startStack, type Stack } from './stack.ts';
import { nextStep, steps, type Traveller } from './traveller.ts';

/** `CRASH_SEED` repeats the moments of a run that failed. */
const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const settledMs = 60_000;

type Target = 'api' | 'worker' | 'projector' | 'event-store' | 'postgres';

let servers: OwnServers;
let stack: Stack;
let log: EventLog;
/** Everybody stands at another step: a kill comes between, or into, each of them. */
let travelling: Traveller[] = [];
const arrived: Traveller[] = [];
let travellers = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  servers = await startOwnServers();
  closing.push(() => servers.stop());
  stack = await startStack({ servers: servers.urls, env: { HASH_QUEUE: '256' } });
  closing.push(() => stack.stop());
  // The mail is out but its answer takes a moment: kills come between the two.
  const slow = JSON.stringify({ mode: 'slow', when: 'after', delayMs: 200 });
  const headers = { 'content-type': 'application/json' };
  const control = await fetch(`${stack.mailboxUrl}/__control`, { method: 'PUT', headers, body: slow });
  expect(control.status).toBe(200);
  for (let round = 1; round < steps.length; round += 1) await everybodyTakesAStep();
});

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

describe.each<Target>(['api', 'worker', 'projector', 'event-store', 'postgres'])('%s is killed', (target) => {
  test('between every two steps', async () => {
    sayTheSeedIfItFails();
    departs();
    await kill(target);
    await Promise.all([start(target), everybodyMoves(travelling)]);
  });

  test('in the middle of every step', async () => {
    sayTheSeedIfItFails();
    const moving = [...departs()];
    const answersBefore = Math.floor(random() * moving.length);
    const waitMs = random() * 60;
    let answered = 0;
    let reached: () => void = () => undefined;
    const moment = new Promise<void>((resolve) => (reached = resolve));
    const moves = everybodyMoves(moving, () => {
      answered += 1;
      if (answered === answersBefore) reached();
    });
    if (answersBefore === 0) reached();
    await Promise.race([moment, moves]);
    await pause(waitMs); // a moment of its own, not a wait for anything
    await kill(target);
    await Promise.all([start(target), moves]);
  });
});

test('everybody arrives, and who registers once more is told so once', async () => {
  sayTheSeedIfItFails();
  while (travelling.length > 0) await everybodyMoves(travelling);
  const again = arrived.slice(0, 6);
  const registered = again.map(({ client, email }) => {
    const body = { email, password: 'another river, another bridge', name: 'Ada Example', teamName: 'Bridge Works' };
    return persistently(client, 'POST', '/v1/registrations', { body });
  });
  await Promise.race(registered);
  await stack.restart('worker');
  for (const answer of await Promise.all(registered)) expect(answer.status).toBe(202);
  for (const { client, email } of again) {
    await eventually(() => mailTo(client, email, 'already-registered'), settledMs);
  }
});

describe('afterwards', () => {
  let events: readonly LoggedEvent[];
  const ofType = (type: EventType) => events.filter((event) => event.type === type);
  const idsIn = (type: EventType, name: string) =>
    ofType(type)
      .map(({ data }) => String(data[name]))
      .sort();

  beforeAll(async () => {
    log = openEventLog(stack);
    closing.push(() => log.close());
    await eventually(async () => {
      events = await log.events();
      expect(await unfinished(events)).toEqual([]);
    }, settledMs);
  });

  test('no event is recorded twice', () => {
    sayTheSeedIfItFails();
    expect(doubledEvents(events)).toEqual([]);
    // The check itself sees one that is.
    expect(doubledEvents([...events, ...events.slice(-1)])).toHaveLength(2);
  });

  test('everybody has one account, one team and one session', () => {
    expect(arrived).toHaveLength(travellers);
    expect(ofType('EmailAddressConfirmed')).toHaveLength(travellers);
    expect(ofType('EmailVerified')).toHaveLength(travellers);
    expect(ofType('TeamCreated')).toHaveLength(travellers);
    expect(ofType('RoleAdded')).toHaveLength(3 * travellers);
    expect(idsIn('SessionStarted', 'sessionId')).toEqual(
      arrived.map(({ grant }) => String(grant?.session.sessionId)).sort(),
    );
    expect(idsIn('SessionRefreshed', 'sessionId')).toEqual(idsIn('SessionStarted', 'sessionId'));
    expect(ofType('SessionRevoked')).toEqual([]);
  });

  test('every mail was sent once', async () => {
    const mails = await allMails();
    const messageIds = mails.map(({ Metadata }) => String(Metadata['messageId']));
    expect(repeated(messageIds)).toEqual([]);
    expect(messageIds.sort()).toEqual(idsIn('EmailSent', 'messageId'));
    expect(ofType('EmailRejected')).toEqual([]);
    // Each link and each code stands in one mail only.
    const secrets = mails.flatMap(({ TextBody }) => TextBody.match(/token=[\w%-]+|^ *\d{6}$/gm) ?? []);
    expect(repeated(secrets)).toEqual([]);
    const notices = mails.filter(({ Tag }) => Tag === 'new-device');
    expect(notices.map(({ To }) => To).sort()).toEqual(arrived.map(({ email }) => email).sort());
  });

  test('the read models are as the log says, and as a rebuild from zero makes them', async () => {
    const end = events.at(-1)?.position ?? 0n;
    const pool = new pg.Pool({ connectionString: stack.database.url, max: projections.length + 2 });
    const signal = AbortSignal.timeout(60_000);
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const about = { pool, subscribe: log.subscribe, signal };
    try {
      await eventually(async () => {
        const { rows } = await pool.query<{ position: string; parked: number }>(
          'select position, parked from engine.projection_checkpoint where active',
        );
        expect(rows.length).toBe(projections.length);
        for (const { position, parked } of rows) {
          expect(BigInt(position)).toBeGreaterThanOrEqual(end);
          expect(parked).toBe(0);
        }
      }, settledMs);
      const checked = await checkDrift({ ...about, projections, share: 1 });
      expect(checked.flatMap(({ differences }) => differences)).toEqual([]);
      expect(checked.reduce((sum, { eventsReplayed }) => sum + eventsReplayed, 0)).toBeGreaterThan(events.length);
      const reports = await rebuildProjections({ ...about, projections, logger });
      const tables = reports.flatMap((report) => report.tables);
      expect(tables.filter(({ same }) => !same)).toEqual([]);
      expect(tables.filter(({ rowsAfter }) => rowsAfter > 0).length).toBeGreaterThan(projections.length / 2);
    } finally {
      await pool.end();
    }
  });
});

/** Somebody sets out; those who have arrived leave the road. */
function departs(): Traveller[] {
  travellers += 1;
  const email = `traveller-${travellers}@example.com`;
  travelling.push({ client: stack.client(), email, withKeys: travellers % 4 === 0, done: 0 });
  return travelling;
}

async function everybodyTakesAStep(): Promise<void> {
  await everybodyMoves(departs());
}

async function everybodyMoves(moving: readonly Traveller[], onAnswer: () => void = () => undefined): Promise<void> {
  await Promise.all(moving.map((who) => nextStep(who).then(onAnswer)));
  arrived.push(...travelling.filter(({ done }) => done === steps.length));
  travelling = travelling.filter(({ done }) => done < steps.length);
}

async function kill(target: Target): Promise<void> {
  if (target === 'event-store' || target === 'postgres') await servers.kill(target);
  else await stack.kill(target);
}

async function start(target: Target): Promise<void> {
  if (target === 'event-store' || target === 'postgres') await servers.start(target);
  else await stack.start(target);
}

function sayTheSeedIfItFails(): void {
  onTestFailed(async () => {
    process.stderr.write(`CRASH_SEED=${seed}\n${(await stack.logs()).slice(-20_000)}\n`);
  });
}

interface KeptMail {
  readonly To: string;
  readonly Tag: string;
  readonly TextBody: string;
  readonly Metadata: Readonly<Record<string, string>>;
}

async function allMails(): Promise<KeptMail[]> {
  return (await (await fetch(`${stack.mailboxUrl}/messages`)).json()) as KeptMail[];
}

/** A killed attempt is not repeated where a newer link or code has taken the place of its own. */
const losesItsWorth: ReadonlySet<unknown> = new Set(['verification', 'device-code']);

/** One of the types must follow from an event, about the same thing. */
const followUps: Readonly<Partial<Record<EventType, { types: readonly EventType[]; same: string }>>> = {
  RegistrationSubmitted: { types: ['UserRegistered', 'RegistrationRefused'], same: 'userId' },
  EmailVerified: { types: ['MemberAdded'], same: 'userId' },
  LoginCompleted: { types: ['SessionStarted'], same: 'loginId' },
  EmailSendStarted: { types: ['EmailSent'], same: 'messageId' },
};

/** What has to follow from an event and has not yet. */
async function unfinished(events: readonly LoggedEvent[]): Promise<string[]> {
  const mails = await allMails();
  const isOwed = ({ type, data }: LoggedEvent) =>
    type !== 'EmailSendStarted' ||
    !losesItsWorth.has(data['template']) ||
    mails.some(({ Metadata }) => Metadata['messageId'] === data['messageId']);
  const missing = events.filter(isOwed).flatMap((cause) => {
    const { types, same } = followUps[cause.type] ?? { types: [cause.type], same: 'at' };
    const follows = events.some(({ type, data }) => types.includes(type) && data[same] === cause.data[same]);
    return follows ? [] : [`${types.join(' or ')} after ${cause.type}`];
  });
  const newDevices = events.filter(({ type, data }) => type === 'DeviceApproved' && data['method'] === 'otp');
  const told = mails.filter(({ Tag }) => Tag === 'new-device');
  return told.length < newDevices.length ? [...missing, 'a mail about a new device'] : missing;
}
