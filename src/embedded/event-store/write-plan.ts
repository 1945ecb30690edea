import { decideAppend, type Expected, type Occurrence, type Refusal } from './append-rules.ts';
import { decideDelete, decideTombstone } from './delete-rules.ts';
import {
  describedBy,
  isMetastream,
  lastPossibleRevision,
  metadataType,
  metastreamOf,
  tombstoneType,
  type NewEvent,
  type StoredEvent,
} from './event.ts';
import { isSoftDeleted, isTombstoned, noLimits, parseLimits, parseObject, type StreamState } from './stream-state.ts';

export interface WriteCommand {
  readonly kind: 'append' | 'delete' | 'tombstone';
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly NewEvent[];
}

export type WriteResult =
  | { readonly kind: 'written'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'unchanged'; readonly revision: bigint; readonly position: bigint | undefined }
  | Refusal;

/** What one commit will write, growing command by command; `states` and `stored` follow what it already holds. */
export interface WritePlan {
  readonly head: bigint;
  readonly createdMicroseconds: number;
  readonly newId: () => string;
  readonly states: Map<string, StreamState>;
  readonly stored: Map<string, Occurrence[]>;
  readonly events: StoredEvent[];
}

const unknownStream: StreamState = { lastRevision: -1n, hasMetadata: false, limits: {} };

export function occurrenceKey(stream: string, id: string): string {
  return `${id} ${stream}`;
}

/** Commands that touch two streams are committed alone. */
export function isCommittedAlone({ kind, stream }: WriteCommand): boolean {
  return kind !== 'append' || isMetastream(stream);
}

export function planCommand(plan: WritePlan, command: WriteCommand, metadata?: Uint8Array): WriteResult {
  switch (command.kind) {
    case 'append':
      return planAppend(plan, command, metadata);
    case 'delete':
      return planDelete(plan, command);
    case 'tombstone':
      return planTombstone(plan, command);
  }
}

function stateIn(plan: WritePlan, stream: string): StreamState {
  return plan.states.get(stream) ?? unknownStream;
}

function planAppend(plan: WritePlan, command: WriteCommand, metadata: Uint8Array | undefined): WriteResult {
  const { stream, expected, events } = command;
  const described = isMetastream(stream) ? stateIn(plan, describedBy(stream)) : undefined;
  if (described !== undefined && isTombstoned(described)) return { kind: 'stream-deleted' };
  const state = stateIn(plan, stream);
  const ids = events.map((event) => event.id);
  const decision = decideAppend(state, expected, ids, (id) => plan.stored.get(occurrenceKey(stream, id)) ?? []);
  if (decision.kind !== 'append') return decision;
  const written = events.map((event) => write(plan, stream, event)).at(-1);
  if (written === undefined) return { kind: 'unchanged', revision: state.lastRevision, position: undefined };
  reopenIfDeleted(plan, command, described ?? state, metadata);
  return { kind: 'written', revision: written.revision, position: written.position };
}

/** Appending to a soft-deleted stream, or to its metadata, brings it back. */
function reopenIfDeleted(
  plan: WritePlan,
  { stream, events }: WriteCommand,
  before: StreamState,
  metadata: Uint8Array | undefined,
): void {
  if (!isSoftDeleted(before)) return;
  const kept = isMetastream(stream) ? events.at(-1)?.data : metadata;
  reopen(plan, isMetastream(stream) ? describedBy(stream) : stream, before.lastRevision + 1n, kept);
}

/** Soft deletion is a `$tb` beyond every revision: it replaces whatever metadata the stream had. */
function planDelete(plan: WritePlan, { stream, expected }: WriteCommand): WriteResult {
  const refusal = decideDelete(stateIn(plan, stream), expected);
  if (refusal !== undefined) return refusal;
  const event = write(plan, metastreamOf(stream), metadataEvent(plan, `{"$tb":${lastPossibleRevision}}`));
  return { kind: 'written', revision: event.revision, position: event.position };
}

function planTombstone(plan: WritePlan, { stream, expected }: WriteCommand): WriteResult {
  const refusal = decideTombstone(stateIn(plan, stream), expected);
  if (refusal !== undefined) return refusal;
  const tombstone = { ...metadataEvent(plan, ''), type: tombstoneType, isJson: false };
  const event = write(plan, stream, tombstone, lastPossibleRevision);
  return { kind: 'written', revision: event.revision, position: event.position };
}

/** After a soft deletion the stream begins anew at this revision; the other keys of its metadata stay. */
function reopen(plan: WritePlan, stream: string, revision: bigint, metadata: Uint8Array | undefined): void {
  const kept = parseObject(Buffer.from(metadata ?? []).toString('utf8'));
  write(plan, metastreamOf(stream), metadataEvent(plan, JSON.stringify({ ...kept, $tb: Number(revision) })));
}

function metadataEvent(plan: WritePlan, json: string): NewEvent {
  return { id: plan.newId(), type: metadataType, isJson: true, data: Buffer.from(json), metadata: Buffer.alloc(0) };
}

function write(plan: WritePlan, stream: string, proposed: NewEvent, at?: bigint): StoredEvent {
  const state = stateIn(plan, stream);
  const revision = at ?? state.lastRevision + 1n;
  const position = plan.head + BigInt(plan.events.length) + 1n;
  const event = { ...proposed, stream, revision, position, createdMicroseconds: plan.createdMicroseconds };
  plan.events.push(event);
  plan.states.set(stream, { ...state, lastRevision: revision });
  const key = occurrenceKey(stream, event.id);
  plan.stored.set(key, [...(plan.stored.get(key) ?? []), { revision, position }]);
  if (isMetastream(stream)) {
    const described = describedBy(stream);
    const limits = isMetastream(described) ? noLimits : parseLimits(event.data);
    plan.states.set(described, { ...stateIn(plan, described), hasMetadata: true, limits });
  }
  return event;
}
