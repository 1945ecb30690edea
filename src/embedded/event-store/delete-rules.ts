import { exactRevision, type Expected, type Refusal } from './append-rules.ts';
import { isSoftDeleted, isTombstoned, type StreamState } from './stream-state.ts';

/** Whether a stream may be soft-deleted; one that never was cannot, whatever is expected. */
export function decideDelete(state: StreamState, expected: Expected): Refusal | undefined {
  if (isTombstoned(state)) return { kind: 'stream-deleted' };
  if (state.lastRevision < 0n && !state.hasMetadata) return wrongVersion(state);
  return refuseUnexpected(state, expected);
}

/** Whether a stream may be closed for ever; one that never was may. */
export function decideTombstone(state: StreamState, expected: Expected): Refusal | undefined {
  if (isTombstoned(state)) return { kind: 'stream-deleted' };
  return refuseUnexpected(state, expected);
}

function refuseUnexpected(state: StreamState, expected: Expected): Refusal | undefined {
  switch (expected.kind) {
    case 'any':
      return undefined;
    case 'stream-exists':
      if (isSoftDeleted(state)) return { kind: 'stream-deleted' };
      return state.lastRevision < 0n && !state.hasMetadata ? wrongVersion(state) : undefined;
    case 'no-stream':
    case 'revision':
      return exactRevision(expected) === state.lastRevision ? undefined : wrongVersion(state);
  }
}

function wrongVersion(state: StreamState): Refusal {
  return { kind: 'wrong-expected-version', current: state.lastRevision };
}
