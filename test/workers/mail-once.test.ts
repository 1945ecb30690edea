import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bullmqQueue } from '../../src/adapters/bullmq-queue.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { sendEmail } from '../../src/application/emails/send-email.ts';
import { Unavailable, type EventStore, type Mail, type Mailer, type Subscribe } from '../../src/application/ports.ts';
import { queueName } from '../../src/workers/job.ts';
import { mailJobs } from '../../src/workers/jobs/mails.ts';
import { en } from '../../src/workers/mails/en.ts';
import { runReactions } from '../../src/workers/run-reactions.ts';
import { startWorker } from '../../src/workers/start-worker.ts';
import type { FreshDatabase } from '../support/database.ts';
import { eventually } from './eventually.ts';
import { freshDatabase, freshRedis, type FreshRedis } from './servers.ts';
import { later, memoryLogger, memoryMetrics, personalData, register, somebody, submit, tokens } from './stories.ts';
import { jobOptions } from '../../src/workers/retry-policy.ts';

const prefix = 'test';
const clock = () => new Date();
const newId = randomUUID;

let redis: FreshRedis;
let database: FreshDatabase;
let eventStore: ReturnType<typeof memoryEventStore>;
let closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  redis = await freshRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
  database = await freshDatabase();
  eventStore = memoryEventStore({ clock });
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  await database.drop();
});

/** The whole way from event to mail; `log` is what the sender writes to. */
function start(log: EventStore = eventStore) {
  const mails: Mail[] = [];
  const mailer: Mailer = {
    send: (mail) => {
      mails.push(mail);
      return Promise.resolve({ kind: 'sent', providerMessageId: mail.messageId });
    },
    acceptsUs: () => Promise.resolve(true),
    find: (messageId) =>
      Promise.resolve(
        mails.some((mail) => mail.messageId === messageId) ? { providerMessageId: messageId } : undefined,
      ),
  };
  const send = sendEmail({ eventStore: log, personalData, tokens, mailer, clock, newId });
  const deps = {
    eventStore,
    personalData,
    sendEmail: send,
    tokens,
    clock,
    publicUrl: 'https://panel.example',
    texts: en,
  };
  const jobs = Object.values(mailJobs(deps));
  const shared = { redisUrl: redis.url, prefix, clock, logger: memoryLogger(), metrics: memoryMetrics() };
  const worker = startWorker({ ...shared, jobs, concurrency: 5, random: () => 0 });
  const queue = bullmqQueue({ queueName, jobOptions, redisUrl: redis.url, prefix, onError: () => undefined });
  const { pool } = database;
  const subscribe: Subscribe = (after, signal) => eventStore.subscribe(after, signal);
  const reactions = runReactions({ ...shared, subscribe, queue, pool, newId, markerCheckMs: 50 });
  closing.push(reactions.stop, worker.close, () => queue.close());
  return { mails };
}

async function registerSomebody(): Promise<string> {
  const person = somebody({ userId: randomUUID() });
  await submit(eventStore, person);
  return (await register(eventStore, person.userId, later(86_400_000, new Date().toISOString()))).id;
}

const outcomes = () => eventStore.all().filter(({ event }) => event.type === 'EmailSent').length;
const isCompleted = async (queue: Queue, eventId: string) =>
  (await queue.getJobState(`mail-verification-${eventId}`)) === 'completed';

describe('from an event to one mail', () => {
  it('stays one mail when Redis loses everything and all jobs are made and run again', async () => {
    const { mails } = start();
    const causes = [await registerSomebody(), await registerSomebody(), await registerSomebody()];
    await eventually(() => outcomes() === causes.length);
    const queue = new Queue(queueName, { connection: redis.client, prefix });
    for (let times = 0; times < 2; times++) {
      await redis.client.flushall();
      for (const cause of causes) await eventually(() => isCompleted(queue, cause));
    }
    expect(mails).toHaveLength(causes.length);
    expect(outcomes()).toBe(causes.length);
  });

  it('stays one mail when what was sent could not be recorded', async () => {
    let failures = 2;
    const forgetful: EventStore = {
      ...eventStore,
      append: (stream, events, expected) =>
        events.some(({ event }) => event.type === 'EmailSent') && failures-- > 0
          ? Promise.reject(new Unavailable('event-store'))
          : eventStore.append(stream, events, expected),
    };
    const { mails } = start(forgetful);
    await registerSomebody();
    await eventually(() => outcomes() === 1, { withinMs: 50_000 });
    expect(mails).toHaveLength(1);
  });
});
