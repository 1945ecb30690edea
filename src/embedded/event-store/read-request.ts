import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { UuidForm } from './encode.ts';
import { invalidArgument } from './errors.ts';
import { endOfLog, lastPossibleRevision } from './event.ts';
import type { Direction } from './event-rows.ts';
import { linearExpression, type EventFilter } from './filters.ts';
import { readStreamName } from './messages.ts';

export type Start = 'start' | 'end' | bigint;

export interface ReadRequest {
  readonly target: { readonly stream: string } | { readonly all: true; readonly filter?: EventFilter };
  readonly from: Start;
  readonly direction: Direction;
  readonly uuidForm: UuidForm;
  readonly reading: { readonly count: bigint } | { readonly checkpointInterval: bigint };
}

const { Options } = streams.ReadReq;
const defaultSearchWindow = 32;

/** Reads the request or refuses it with INVALID_ARGUMENT; a revision is inclusive for a read, exclusive for a subscription. */
export function parseReadRequest(request: ReadReq): ReadRequest {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('The read options are missing.');
  const stream = options.getStream();
  const filter = readFilter(options);
  return {
    target:
      stream === undefined
        ? { all: true, ...(filter !== undefined && { filter }) }
        : { stream: readStreamName(stream.getStreamIdentifier()) },
    from: stream === undefined ? allStart(options.getAll()) : streamStart(stream),
    direction: readDirection(options),
    uuidForm: readUuidForm(options),
    reading: readCount(options),
  };
}

function readDirection(options: ReadReq.Options): Direction {
  switch (options.getReadDirection()) {
    case Options.ReadDirection.FORWARDS:
      return 'forwards';
    case Options.ReadDirection.BACKWARDS:
      if (options.hasSubscription()) throw invalidArgument('A subscription reads forwards.');
      return 'backwards';
    default:
      throw invalidArgument('The read direction is unknown.');
  }
}

function readUuidForm(options: ReadReq.Options): UuidForm {
  const uuid = options.getUuidOption();
  if (uuid?.hasString() === true) return 'string';
  if (uuid?.hasStructured() === true) return 'structured';
  throw invalidArgument('The UUID option is missing.');
}

function readCount(options: ReadReq.Options): ReadRequest['reading'] {
  if (options.hasCount()) return { count: BigInt(options.getCount()) };
  if (options.hasSubscription()) return { checkpointInterval: checkpointInterval(options.getFilter()) };
  throw invalidArgument('Either a count or a subscription is needed.');
}

function streamStart(stream: ReadReq.Options.StreamOptions): Start {
  if (stream.hasStart()) return 'start';
  if (stream.hasEnd()) return 'end';
  if (!stream.hasRevision()) throw invalidArgument('The revision to read from is missing.');
  return bounded(BigInt(stream.getRevision()));
}

function allStart(all: ReadReq.Options.AllOptions | undefined): Start {
  if (all === undefined) throw invalidArgument('Either a stream or $all is needed.');
  if (all.hasStart()) return 'start';
  if (all.hasEnd()) return 'end';
  const position = all.getPosition();
  if (position === undefined) throw invalidArgument('The position to read from is missing.');
  const commit = BigInt(position.getCommitPosition());
  if (commit < BigInt(position.getPreparePosition())) {
    throw invalidArgument('The commit position must not be below the prepare position.');
  }
  return bounded(commit);
}

function bounded(value: bigint): Start {
  if (value === endOfLog) return 'end';
  return value > lastPossibleRevision ? lastPossibleRevision : value;
}

function readFilter(options: ReadReq.Options): EventFilter | undefined {
  const filter = options.getFilter();
  if (filter === undefined) {
    if (options.hasNoFilter()) return undefined;
    throw invalidArgument('Either a filter or its absence must be given.');
  }
  if (options.hasStream()) throw invalidArgument('Only $all can be filtered.');
  const byStream = filter.getStreamIdentifier();
  const expression = byStream ?? filter.getEventType();
  if (expression === undefined) throw invalidArgument('The filter is empty.');
  const on = byStream === undefined ? 'type' : 'stream';
  const regex = expression.getRegex();
  if (regex !== '') return { on, expression: linearExpression(regex) };
  const prefixes = expression.getPrefixList();
  if (prefixes.length === 0) throw invalidArgument('The filter is empty.');
  return { on, prefixes };
}

/** In events that were looked at, matching or not. */
function checkpointInterval(filter: ReadReq.Options.FilterOptions | undefined): bigint {
  if (filter === undefined) return 0n;
  const window = filter.hasMax() ? filter.getMax() : defaultSearchWindow;
  const multiplier = filter.getCheckpointintervalmultiplier();
  if (window < 1 || multiplier < 1) {
    throw invalidArgument('The search window and the checkpoint interval multiplier must be at least 1.');
  }
  return BigInt(window) * BigInt(multiplier);
}
