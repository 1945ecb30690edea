import { status } from '@grpc/grpc-js';
import { createCheckpoints, noCheckpoints, type Checkpoints } from './checkpoints.ts';
import { caughtUp, encodeCheckpoint, encodeConfirmation, encodeEvent, type UuidForm } from './encode.ts';
import { CallError, streamDeleted } from './errors.ts';
import { isHiddenFromAll, lastPossibleRevision, type StoredEvent } from './event.ts';
import { pageRows } from './event-rows.ts';
import { matches } from './filters.ts';
import type { TailEntry } from './commit-log.ts';
import type { Outgoing } from './outgoing.ts';
import { readAllWindow, readStreamPage, readableState, stateOf, type ReadContext } from './pages.ts';
import type { ReadRequest } from './read-request.ts';
import { oldestVisible } from './reads.ts';
import { isTombstoned, lowestVisibleRevision } from './stream-state.ts';
import { createWake } from './wake.ts';

/** Where the events of one subscription come from; it keeps the place itself. */
interface Source {
  /** From the table: the next events, none once `scannedTo` has reached the head. */
  readonly fromTable: (cursor: bigint, head: bigint) => Promise<Batch>;
  /** From the memory of the last commits: only those that this subscription wants. */
  readonly wants: (entry: TailEntry) => boolean;
  /** Throws once nothing can follow what was delivered. */
  readonly refuseMore: () => void;
  readonly checkpoints: Checkpoints;
}

interface Batch {
  readonly events: readonly { readonly position: bigint; readonly revision: bigint; readonly bytes: Buffer }[];
  readonly scannedTo: bigint;
}

const retryMs = 250;

/**
 * Sends history, `caught_up`, then what is committed, each event once and in order. There is no buffer between history
 * and live: a slow reader lags and reads on from the table, and an outage of Postgres only delays it.
 */
export async function answerSubscription(
  request: ReadRequest,
  checkpointInterval: bigint,
  context: ReadContext,
  out: Outgoing,
): Promise<void> {
  const { target } = request;
  const [source, start] =
    'stream' in target
      ? await streamSource(request, target.stream, context)
      : allSource(request, checkpointInterval, context);
  out.send(encodeConfirmation(context.newId()));
  await follow(source, start, request.uuidForm, context, out);
}

async function follow(
  source: Source,
  start: bigint,
  uuidForm: UuidForm,
  context: ReadContext,
  out: Outgoing,
): Promise<void> {
  const { log } = context;
  const wake = createWake();
  const forget = log.onChange(wake.ring);
  out.onClose(() => {
    forget();
    wake.ring();
  });
  let cursor = start;
  let live = false;
  while (!out.isClosed()) {
    if (cursor < log.head()) {
      const inMemory = live && uuidForm === 'string' ? log.after(cursor) : undefined;
      const batch =
        inMemory === undefined
          ? await persistently(() => source.fromTable(cursor, log.head()), out)
          : liveBatch(source, inMemory);
      if (batch === undefined) return;
      await deliver(batch, source, out);
      cursor = batch.scannedTo;
      source.refuseMore();
    } else if (live) {
      await wake.heard();
    } else {
      live = true;
      for (const position of source.checkpoints.atEnd(cursor)) out.send(encodeCheckpoint(position));
      if (!out.send(caughtUp)) await out.room();
    }
  }
}

function liveBatch(source: Source, entries: readonly TailEntry[]): Batch {
  return { events: entries.filter(source.wants), scannedTo: entries.at(-1)?.position ?? 0n };
}

/** Postgres may be restarting: asks again until it answers or nobody listens any more. */
async function persistently(read: () => Promise<Batch>, out: Outgoing): Promise<Batch | undefined> {
  while (!out.isClosed()) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof CallError) || error.code !== status.UNAVAILABLE) throw error;
      await pause(retryMs);
    }
  }
  return undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function deliver({ events, scannedTo }: Batch, { checkpoints }: Source, out: Outgoing): Promise<void> {
  for (const { position, bytes } of events) {
    await sendCheckpoints(checkpoints.upTo(position - 1n), out);
    if (out.isClosed()) return;
    if (!out.send(bytes)) await out.room();
  }
  await sendCheckpoints(checkpoints.upTo(scannedTo), out);
}

async function sendCheckpoints(positions: Iterable<bigint>, out: Outgoing): Promise<void> {
  for (const position of positions) {
    if (!out.send(encodeCheckpoint(position))) await out.room();
  }
}

function allSource(request: ReadRequest, interval: bigint, { run, log }: ReadContext): [Source, bigint] {
  const filter = 'filter' in request.target ? request.target.filter : undefined;
  const start = request.from === 'start' ? 0n : request.from === 'end' ? log.head() : request.from;
  const source: Source = {
    fromTable: async (cursor, head) => {
      const window = { from: cursor + 1n, to: head, direction: 'forwards', filter, limit: pageRows } as const;
      const { events, scannedTo } = await readAllWindow(run, window);
      return { events: events.map((event) => encoded(event, request.uuidForm)), scannedTo };
    },
    wants: (entry) => !isHiddenFromAll(entry.stream) && (filter === undefined || matches(filter, entry)),
    refuseMore: () => undefined,
    checkpoints: filter === undefined ? noCheckpoints : createCheckpoints(interval, start),
  };
  return [source, start];
}

async function streamSource(request: ReadRequest, stream: string, context: ReadContext): Promise<[Source, bigint]> {
  const head = context.log.head();
  const state = await readableState(context, stream);
  let last = request.from === 'start' ? -1n : request.from === 'end' ? state.lastRevision : request.from;
  let ended = false;
  const take = (revision: bigint): void => {
    last = revision;
    ended = revision === lastPossibleRevision;
  };
  const source: Source = {
    fromTable: async (cursor, upTo) => {
      const current = await stateOf(context, stream);
      const lowest = isTombstoned(current) ? 0n : lowestVisibleRevision(stream, current);
      const from = last + 1n > lowest ? last + 1n : lowest;
      const createdAfterMs = oldestVisible(current, context.now());
      const limit = pageRows;
      const range = {
        stream,
        from,
        to: lastPossibleRevision,
        direction: 'forwards',
        limit,
        head: upTo,
        createdAfterMs,
      } as const;
      const { events, isLast } = await readStreamPage(context.run, range);
      const newest = events.at(-1);
      if (newest !== undefined) take(newest.revision);
      return { events: events.map((event) => encoded(event, request.uuidForm)), scannedTo: isLast ? upTo : cursor };
    },
    wants: (entry) => {
      if (entry.stream !== stream || entry.revision <= last) return false;
      take(entry.revision);
      return true;
    },
    refuseMore: () => {
      if (ended) throw streamDeleted(stream);
    },
    checkpoints: noCheckpoints,
  };
  return [source, request.from === 'end' ? head : 0n];
}

function encoded(event: StoredEvent, uuidForm: UuidForm): Batch['events'][number] {
  return { position: event.position, revision: event.revision, bytes: encodeEvent(event, uuidForm) };
}
