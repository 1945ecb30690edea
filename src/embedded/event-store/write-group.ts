import { needsOccurrences, type Occurrence } from './append-rules.ts';
import type { RunQuery } from './database.ts';
import { describedBy, isMetastream, metastreamOf } from './event.ts';
import { insertEvents } from './event-rows.ts';
import { isSoftDeleted, type StreamState } from './stream-state.ts';
import { loadStates, type StreamStates } from './stream-states.ts';
import {
  isCommittedAlone,
  occurrenceKey,
  planCommand,
  type WriteCommand,
  type WritePlan,
  type WriteResult,
} from './write-plan.ts';

export interface GroupContext {
  readonly run: RunQuery;
  readonly states: StreamStates;
  readonly head: bigint;
  readonly nowMs: number;
  readonly newId: () => string;
}

export interface CommittedGroup {
  /** One for each command that was taken, which may be fewer than were offered, but never none. */
  readonly results: readonly WriteResult[];
  readonly events: WritePlan['events'];
}

/**
 * Decides and commits the first commands of a list in one transaction. When it throws, what was committed is unknown;
 * when it returns, everything in the results is durable.
 */
export async function commitGroup(commands: readonly WriteCommand[], context: GroupContext): Promise<CommittedGroup> {
  const streams = commands.flatMap(touchedStreams);
  const states = await statesOf(streams, context);
  const group = untilReopening(commands, states);
  const plan: WritePlan = {
    head: context.head,
    createdMicroseconds: context.nowMs * 1000,
    newId: context.newId,
    states,
    stored: await storedOccurrences(group, states, context.run),
    events: [],
  };
  const metadata = await metadataToKeep(group, states, context.run);
  const results = group.map((command) => planCommand(plan, command, metadata));
  // A single statement is its own transaction: it is durable when Postgres answers.
  if (plan.events.length > 0) await context.run(insertEvents(plan.events, context.nowMs));
  for (const [stream, state] of plan.states) context.states.set(stream, state);
  return { results, events: plan.events };
}

function touchedStreams(command: WriteCommand): string[] {
  const { stream } = command;
  if (isMetastream(stream)) return [stream, describedBy(stream), metastreamOf(stream)];
  return isCommittedAlone(command) ? [stream, metastreamOf(stream)] : [stream];
}

async function statesOf(streams: readonly string[], context: GroupContext): Promise<Map<string, StreamState>> {
  const known = new Map<string, StreamState>();
  const unknown = new Set<string>();
  for (const stream of streams) {
    const state = context.states.get(stream);
    if (state === undefined) unknown.add(stream);
    else known.set(stream, state);
  }
  const loaded = await loadStates(context.run, [...unknown], context.head);
  return new Map([...known, ...loaded]);
}

/** An append to a soft-deleted stream also writes metadata, so it is committed alone. */
function untilReopening(commands: readonly WriteCommand[], states: Map<string, StreamState>): readonly WriteCommand[] {
  const reopening = commands.findIndex((command) => reopens(command, states));
  return reopening < 0 ? commands : commands.slice(0, Math.max(reopening, 1));
}

function reopens(command: WriteCommand, states: Map<string, StreamState>): boolean {
  const state = states.get(command.stream);
  return command.kind === 'append' && state !== undefined && isSoftDeleted(state);
}

interface OccurrenceRow {
  stream: string;
  id: string;
  rev: string;
  pos: string;
}

async function storedOccurrences(
  group: readonly WriteCommand[],
  states: Map<string, StreamState>,
  run: RunQuery,
): Promise<Map<string, Occurrence[]>> {
  const asked = group.flatMap(({ stream, expected, events }) => {
    const state = states.get(stream);
    if (state === undefined || !needsOccurrences(state, expected)) return [];
    return events.map((event) => ({ stream, id: event.id }));
  });
  const found = new Map<string, Occurrence[]>();
  if (asked.length === 0) return found;
  const rows = await run<OccurrenceRow>({
    text: `select e.stream, e.id, e.rev, e.pos
      from (select distinct stream, id from unnest($1::text[], $2::uuid[]) as a (stream, id)) asked
      cross join lateral (select * from event_store.event where stream = asked.stream and id = asked.id offset 0) e
      order by e.rev`,
    values: [asked.map(({ stream }) => stream), asked.map(({ id }) => id)],
  });
  for (const { stream, id, rev, pos } of rows) {
    const key = occurrenceKey(stream, id);
    const occurrence = { revision: BigInt(rev), position: BigInt(pos) };
    found.set(key, [...(found.get(key) ?? []), occurrence]);
  }
  return found;
}

async function metadataToKeep(
  group: readonly WriteCommand[],
  states: Map<string, StreamState>,
  run: RunQuery,
): Promise<Uint8Array | undefined> {
  const [first] = group;
  if (first === undefined || !reopens(first, states)) return undefined;
  const metastream = metastreamOf(first.stream);
  const [row] = await run<{ rev: string; data: Buffer }>({
    text: 'select rev, data from event_store.event where stream = $1 order by rev desc limit 1',
    values: [metastream],
  });
  states.set(metastream, { lastRevision: BigInt(row?.rev ?? -1), hasMetadata: false, limits: {} });
  return row?.data;
}
