import type { Expected } from './append-rules.ts';
import { invalidArgument } from './errors.ts';

interface ExpectedOptions {
  hasAny: () => boolean;
  hasStreamExists: () => boolean;
  hasNoStream: () => boolean;
}

/** Append, Delete and Tombstone call the exact expectation a revision, BatchAppend a stream position. */
type ExactOptions =
  | { hasRevision: () => boolean; getRevision: () => string }
  | { hasStreamPosition: () => boolean; getStreamPosition: () => string };

export function expectedIn(options: ExpectedOptions & ExactOptions): Expected {
  if (options.hasAny()) return { kind: 'any' };
  if (options.hasStreamExists()) return { kind: 'stream-exists' };
  if (options.hasNoStream()) return { kind: 'no-stream' };
  if ('hasRevision' in options) {
    if (options.hasRevision()) return { kind: 'revision', revision: BigInt(options.getRevision()) };
  } else if (options.hasStreamPosition()) {
    return { kind: 'revision', revision: BigInt(options.getStreamPosition()) };
  }
  throw invalidArgument('The expected revision is missing.');
}
