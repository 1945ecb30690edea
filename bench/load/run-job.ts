import { setTimeout as pause } from 'node:timers/promises';
import { ascending, quantile } from '../statistics.ts';
import { openConnection, type Connection, type Reply } from './connection.ts';
import type { Job, Lane, Outcome, Pace, Step } from './job.ts';

interface Tally {
  readonly latencies: number[];
  readonly positions: [string, number][];
  failed: number;
  refused: number;
  failure: string | null;
}

/** Runs one round of load to its end. */
export async function runJob(job: Job): Promise<Outcome> {
  const tally: Tally = { latencies: [], positions: [], failed: 0, refused: 0, failure: null };
  const connections = await Promise.all(job.lanes.map(() => openConnection(job.url)));
  const started = performance.now();
  const schedule = scheduleOf(job.pace, started);
  const lanes = await Promise.all(
    job.lanes.map((lane, index) => runLane({ job, lane, tally, schedule }, connections[index] as Connection)),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const connection of connections) connection.close();
  const sorted = ascending(tally.latencies);
  const at = (share: number) => quantile(sorted, share);
  return {
    done: sorted.length,
    failed: tally.failed,
    refused: tally.refused,
    failure: tally.failure,
    perSecond: sorted.length / seconds,
    seconds,
    latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 },
    lanes,
    positions: tally.positions,
  };
}

/** When the next operation is due, for whichever lane asks; `undefined` at the end. */
type Schedule = () => number | undefined;

function scheduleOf(pace: Pace, started: number): Schedule {
  if (pace.kind === 'each') return () => performance.now();
  const end = started + pace.seconds * 1000;
  if (pace.kind === 'closed') {
    return () => {
      const now = performance.now();
      return now < end ? now : undefined;
    };
  }
  let next = 0;
  return () => {
    const due = started + (next++ * 1000) / pace.perSecond;
    return due < end ? due : undefined;
  };
}

interface Running {
  readonly job: Job;
  readonly lane: Lane;
  readonly tally: Tally;
  readonly schedule: Schedule;
}

async function runLane(running: Running, connection: Connection): Promise<Lane> {
  const { job, lane, tally, schedule } = running;
  const sets = lane.sets.map((set) => ({ ...set }));
  const once = lane.once === true;
  const turns = job.pace.kind === 'each' ? job.pace.times : Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn += 1) {
    const variables = once ? sets[0] : sets[turn % sets.length];
    const due = variables && schedule();
    if (variables === undefined || due === undefined) break;
    if (once) sets.shift();
    await untilDue(due);
    try {
      await operate(running, connection, variables);
      keepTime(performance.now() - due, running);
    } catch (error) {
      keepFailure(error, tally);
      if (!(error instanceof UnexpectedReply)) break;
    }
  }
  return { ...lane, sets };
}

async function untilDue(due: number): Promise<void> {
  const early = due - performance.now();
  if (early > 0) await pause(early);
}

async function operate({ job, tally }: Running, connection: Connection, variables: Record<string, string>) {
  for (const step of job.steps) {
    const request = requestOf(step, variables);
    const reply = await (job.patient === true ? sendUntilTaken(connection, request) : connection.send(request));
    takeIn(step, reply, variables);
    if (job.positions === true) keepPosition(reply, tally);
  }
}

const patienceMs = 60_000;

async function sendUntilTaken(connection: Connection, request: string): Promise<Reply> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const reply = await connection.send(request);
    if (reply.status !== 503 || performance.now() > deadline) return reply;
    await pause(1000 * Number(/\r\nretry-after: *(\d+)/i.exec(reply.head)?.[1] ?? 1));
  }
}

function keepTime(milliseconds: number, { job, tally }: Running): void {
  if (milliseconds <= (job.deadlineMs ?? Number.POSITIVE_INFINITY)) tally.latencies.push(milliseconds);
  else keepFailure(new Error(`answered only after ${Math.round(milliseconds)} ms`), tally);
}

function keepFailure(error: unknown, tally: Tally): void {
  tally.failed += 1;
  if (error instanceof UnexpectedReply && error.status === 503) tally.refused += 1;
  tally.failure ??= error instanceof Error ? error.message : String(error);
}

class UnexpectedReply extends Error {
  override readonly name = 'UnexpectedReply';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function requestOf({ method, path, headers = {}, body }: Step, variables: Record<string, string>): string {
  const filled = body === undefined ? '' : fill(body, variables);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${fill(value, variables)}\r\n`);
  const length =
    body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(filled)}\r\n`;
  return `${method} ${fill(path, variables)} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}${length}\r\n${filled}`;
}

const fill = (text: string, variables: Record<string, string>): string =>
  text.includes('{{') ? text.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => variables[name] ?? '') : text;

function takeIn({ expect, capture, method, path }: Step, reply: Reply, variables: Record<string, string>): void {
  if (reply.status !== expect) {
    throw new UnexpectedReply(reply.status, `${method} ${path} answered ${reply.status}: ${reply.body.slice(0, 300)}`);
  }
  if (capture === undefined) return;
  const body: unknown = JSON.parse(reply.body);
  for (const [name, path] of Object.entries(capture)) {
    const value = path
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], body);
    if (typeof value !== 'string') throw new UnexpectedReply(reply.status, `no ${path} in the answer to ${method}`);
    variables[name] = value;
  }
}

function keepPosition({ head }: Reply, { positions }: Tally): void {
  const position = /\r\nevent-position: *(\d+)/i.exec(head)?.[1];
  if (position !== undefined) positions.push([position, performance.timeOrigin + performance.now()]);
}
