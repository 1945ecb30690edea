import { encodeEvent, encodeStreamNotFound } from './encode.ts';
import type { StoredEvent } from './event.ts';
import { pageRows, type Direction } from './event-rows.ts';
import type { Outgoing } from './outgoing.ts';
import { readAllWindow, readStreamPage, readableState, type ReadContext } from './pages.ts';
import type { ReadRequest, Start } from './read-request.ts';
import { isMissing, lowestVisibleRevision, type StreamState } from './stream-state.ts';

/** Sends up to `count` events and nothing after them; what is committed later is not seen. */
export async function answerRead(
  request: ReadRequest,
  count: bigint,
  context: ReadContext,
  out: Outgoing,
): Promise<void> {
  const { target } = request;
  if ('stream' in target) await readStream(request, target.stream, count, context, out);
  else await readAll(request, count, context, out);
  out.end();
}

async function readStream(
  { from, direction, uuidForm }: ReadRequest,
  stream: string,
  count: bigint,
  context: ReadContext,
  out: Outgoing,
): Promise<void> {
  const head = context.log.head();
  const state = await readableState(context, stream);
  if (isMissing(state)) {
    out.send(encodeStreamNotFound(stream));
    return;
  }
  const createdAfterMs = oldestVisible(state, context.now());
  const bounds = streamBounds(from, direction, lowestVisibleRevision(stream, state), state);
  const { to } = bounds;
  let { next } = bounds;
  const step = direction === 'forwards' ? 1n : -1n;
  let left = count;
  while (left > 0n && (to - next) * step >= 0n && !out.isClosed()) {
    const limit = atMost(left, pageRows);
    const range = { stream, from: next, to, direction, limit, head: later(head, context), createdAfterMs };
    const page = await readStreamPage(context.run, range);
    await sendAll(page.events, uuidForm, out);
    left -= BigInt(page.events.length);
    const last = page.events.at(-1);
    if (page.isLast || last === undefined) return;
    next = last.revision + step;
  }
}

function streamBounds(
  from: Start,
  direction: Direction,
  lowest: bigint,
  state: StreamState,
): { next: bigint; to: bigint } {
  return direction === 'forwards'
    ? { next: firstForwards(from, lowest, state), to: state.lastRevision }
    : { next: firstBackwards(from, state), to: lowest };
}

async function readAll(
  { target, from, direction, uuidForm }: ReadRequest,
  count: bigint,
  context: ReadContext,
  out: Outgoing,
): Promise<void> {
  const filter = 'filter' in target ? target.filter : undefined;
  const head = context.log.head();
  const forwards = direction === 'forwards';
  const to = forwards ? head : 1n;
  let next = forwards ? firstForwardsInAll(from, head) : firstBackwardsInAll(from, head);
  let left = count;
  while (left > 0n && (forwards ? next <= to : next >= to) && !out.isClosed()) {
    const limit = atMost(left, pageRows);
    const { events, scannedTo } = await readAllWindow(context.run, { from: next, to, direction, filter, limit });
    const wanted = events.slice(0, limit);
    await sendAll(wanted, uuidForm, out);
    left -= BigInt(wanted.length);
    next = scannedTo + (forwards ? 1n : -1n);
  }
}

async function sendAll(
  events: readonly StoredEvent[],
  uuidForm: ReadRequest['uuidForm'],
  out: Outgoing,
): Promise<void> {
  for (const event of events) {
    if (out.isClosed()) return;
    if (!out.send(encodeEvent(event, uuidForm))) await out.room();
  }
}

/** The earliest creation time, in milliseconds, that `$maxAge` leaves readable. */
export function oldestVisible({ limits }: StreamState, nowMs: number): number | undefined {
  return limits.maxAgeSeconds === undefined ? undefined : nowMs - limits.maxAgeSeconds * 1000;
}

function firstForwards(from: Start, lowest: bigint, { lastRevision }: StreamState): bigint {
  if (from === 'start') return lowest;
  if (from === 'end') return lastRevision + 1n;
  return from > lowest ? from : lowest;
}

function firstBackwards(from: Start, { lastRevision }: StreamState): bigint {
  if (from === 'start') return 0n;
  return from === 'end' || from > lastRevision ? lastRevision : from;
}

/** Forwards includes the event at the position, backwards begins before it. */
function firstForwardsInAll(from: Start, head: bigint): bigint {
  if (from === 'start') return 1n;
  if (from === 'end') return head + 1n;
  return from > 0n ? from : 1n;
}

function firstBackwardsInAll(from: Start, head: bigint): bigint {
  if (from === 'start') return 0n;
  return from === 'end' || from > head ? head : from - 1n;
}

/** The state may have been read after a commit that the first look at the head missed. */
function later(head: bigint, { log }: ReadContext): bigint {
  const now = log.head();
  return now > head ? now : head;
}

function atMost(left: bigint, limit: number): number {
  return left < BigInt(limit) ? Number(left) : limit;
}
