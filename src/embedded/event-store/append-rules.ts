import { isSoftDeleted, isTombstoned, type StreamState } from './stream-state.ts';

export type Expected =
  | { readonly kind: 'any' }
  | { readonly kind: 'stream-exists' }
  | { readonly kind: 'no-stream' }
  | { readonly kind: 'revision'; readonly revision: bigint };

/** Where an event id is already stored in the stream. */
export interface Occurrence {
  readonly revision: bigint;
  readonly position: bigint;
}

/** Every place in the stream where the id is stored, the oldest first. */
export type Occurrences = (id: string) => readonly Occurrence[];

export type Refusal =
  { readonly kind: 'stream-deleted' } | { readonly kind: 'wrong-expected-version'; readonly current: bigint };

/** `unchanged` is a success that writes nothing: a repeated append, or one without events. */
export type AppendDecision =
  | { readonly kind: 'append' }
  | { readonly kind: 'unchanged'; readonly revision: bigint; readonly position: bigint | undefined }
  | Refusal;

/** Which appends go through, and which are repetitions of what is stored, as EventStoreDB decides it. */
export function decideAppend(
  state: StreamState,
  expected: Expected,
  ids: readonly string[],
  occurrences: Occurrences,
): AppendDecision {
  if (isTombstoned(state)) return { kind: 'stream-deleted' };
  switch (expected.kind) {
    case 'any':
      return appendOrRecognise(state, ids, occurrences);
    case 'stream-exists':
      if (isSoftDeleted(state)) return { kind: 'stream-deleted' };
      if (state.lastRevision < 0n && !state.hasMetadata) return wrongVersion(state);
      return appendOrRecognise(state, ids, occurrences);
    case 'no-stream':
    case 'revision':
      return decideExact(state, expected, ids, occurrences);
  }
}

/** The revision that an exact expectation names; `no-stream` is the one before the first. */
export function exactRevision(expected: Extract<Expected, { kind: 'no-stream' | 'revision' }>): bigint {
  return expected.kind === 'no-stream' ? -1n : expected.revision;
}

/** Whether the decision depends on ids stored before: an expectation behind the end, or none in particular. */
export function needsOccurrences(state: StreamState, expected: Expected): boolean {
  if (state.lastRevision < 0n || isTombstoned(state)) return false;
  if (expected.kind === 'any' || expected.kind === 'stream-exists') return true;
  return exactRevision(expected) < state.lastRevision;
}

function appendOrRecognise(state: StreamState, ids: readonly string[], occurrences: Occurrences): AppendDecision {
  if (ids.length === 0) return { kind: 'unchanged', revision: state.lastRevision, position: undefined };
  const stored = ids.map((id) => occurrences(id).at(-1));
  if (stored[0] === undefined) return { kind: 'append' };
  const last = stored.at(-1);
  if (last === undefined || stored.includes(undefined)) return wrongVersion(state);
  return { kind: 'unchanged', ...last };
}

function decideExact(
  state: StreamState,
  expected: Extract<Expected, { kind: 'no-stream' | 'revision' }>,
  ids: readonly string[],
  occurrences: Occurrences,
): AppendDecision {
  const revision = exactRevision(expected);
  if (revision === state.lastRevision) {
    return ids.length === 0 ? { kind: 'unchanged', revision, position: undefined } : { kind: 'append' };
  }
  if (revision > state.lastRevision || ids.length === 0) return wrongVersion(state);
  const stored = ids.map((id, index) => {
    const wanted = revision + 1n + BigInt(index);
    return occurrences(id).find((occurrence) => occurrence.revision === wanted);
  });
  if (stored[0] === undefined && expected.kind === 'no-stream' && isSoftDeleted(state)) return { kind: 'append' };
  const last = stored.at(-1);
  if (last === undefined || stored.includes(undefined)) return wrongVersion(state);
  return { kind: 'unchanged', ...last };
}

function wrongVersion(state: StreamState): AppendDecision {
  return { kind: 'wrong-expected-version', current: state.lastRevision };
}
