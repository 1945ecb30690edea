import type { CommitLog } from './commit-log.ts';
import type { RunQuery } from './database.ts';
import { streamDeleted } from './errors.ts';
import { describedBy, isMetastream, type StoredEvent } from './event.ts';
import {
  allPage,
  pageBytes,
  pageRows,
  storedEvent,
  streamPage,
  type Direction,
  type EventRow,
  type Query,
  type StreamRange,
} from './event-rows.ts';
import { matches, type EventFilter } from './filters.ts';
import { isTombstoned, type StreamState } from './stream-state.ts';
import { loadStates, type StreamStates } from './stream-states.ts';

export interface ReadContext {
  readonly run: RunQuery;
  readonly log: CommitLog;
  readonly states: StreamStates;
  readonly now: () => number;
  readonly newId: () => string;
}

/** `isLast` says that nothing in the asked range follows. */
export interface Page {
  readonly events: readonly StoredEvent[];
  readonly isLast: boolean;
}

const filteredWindow = 10_000n;
const maxPrefixesInSql = 16;

/** The state of a stream at the head of the log; refuses tombstoned streams. */
export async function readableState(context: ReadContext, stream: string): Promise<StreamState> {
  if (isMetastream(stream)) await readableState(context, describedBy(stream));
  const state = await stateOf(context, stream);
  if (isTombstoned(state)) throw streamDeleted(stream);
  return state;
}

export async function stateOf(context: ReadContext, stream: string): Promise<StreamState> {
  return context.states.get(stream) ?? (await loadState(context, stream));
}

async function loadState({ run, log, states }: ReadContext, stream: string): Promise<StreamState> {
  const head = log.head();
  const loaded = await loadStates(run, [stream], head);
  const state = loaded.get(stream) ?? { lastRevision: -1n, hasMetadata: false, limits: {} };
  // A commit in the meantime may have changed it; only the newest is worth remembering.
  if (log.head() === head) states.set(stream, state);
  return state;
}

export function readStreamPage(run: RunQuery, range: StreamRange): Promise<Page> {
  return readPage(run, streamPage(range), range.limit);
}

export interface AllWindow {
  readonly from: bigint;
  readonly to: bigint;
  readonly direction: Direction;
  readonly filter?: EventFilter | undefined;
  readonly limit: number;
}

/** The next matching events of `$all`, and the position up to which, included, there are no others. */
export async function readAllWindow(
  run: RunQuery,
  { from, to, direction, filter, limit }: AllWindow,
): Promise<{ events: readonly StoredEvent[]; scannedTo: bigint }> {
  const [prefixes, inMemory] = divide(filter);
  const end = windowEnd(from, to, direction);
  const rows = inMemory === undefined ? Math.min(limit, pageRows) : pageRows;
  const query = allPage({ from, to: end, direction, limit: rows, ...(prefixes !== undefined && { prefixes }) });
  const { events, isLast } = await readPage(run, query, rows);
  const last = isLast ? undefined : events.at(-1);
  const matching = inMemory === undefined ? events : events.filter((event) => matches(inMemory, event));
  return { events: matching, scannedTo: last?.position ?? end };
}

type PrefixFilter = Extract<EventFilter, { prefixes: readonly string[] }>;

/** A few prefixes are looked for in SQL; everything else is left to be filtered here. */
function divide(filter: EventFilter | undefined): [inSql: PrefixFilter | undefined, here: EventFilter | undefined] {
  return filter !== undefined && 'prefixes' in filter && isSmall(filter) ? [filter, undefined] : [undefined, filter];
}

function isSmall({ prefixes }: { readonly prefixes: readonly string[] }): boolean {
  return prefixes.length <= maxPrefixesInSql && prefixes.every((prefix) => !prefix.includes('\0'));
}

function windowEnd(from: bigint, to: bigint, direction: Direction): bigint {
  if (direction === 'forwards') return from + filteredWindow < to ? from + filteredWindow : to;
  return from - filteredWindow > to ? from - filteredWindow : to;
}

async function readPage(run: RunQuery, query: Query, limit: number): Promise<Page> {
  const rows = await run<EventRow>(query);
  const bytes = rows.reduce((sum, { data, meta }) => sum + data.length + meta.length, 0);
  return { events: rows.map(storedEvent), isLast: rows.length < limit && bytes < pageBytes };
}
