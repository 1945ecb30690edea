import { status } from '@grpc/grpc-js';
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from './append-rules.ts';
import type { BatchResult } from './batch-answers.ts';
import { CallError } from './errors.ts';
import { maxAppendBytes, type NewEvent } from './event.ts';
import { expectedIn } from './expected.ts';
import { readProposedEvent, readStreamName, readUuid } from './messages.ts';

/** An append of a batch call, put together from its fragments. */
export interface BatchedAppend {
  readonly id: string;
  readonly stream: string;
  readonly expected: Expected;
  readonly deadlineMs: number;
  readonly events: NewEvent[];
  bytes: number;
}

/** An append that is complete, or, with a refusal, one that will not be. */
export interface Assembled {
  readonly append: BatchedAppend;
  readonly refusal?: BatchResult;
}

export interface Fragments {
  /** Undefined while fragments are missing, and for what follows a refusal. */
  take: (request: BatchAppendReq) => Assembled | undefined;
  /** Gives up the appends whose deadline has passed. */
  expired: () => Assembled[];
  bytes: () => number;
}

const maxUnfinished = 1000;
const maxPatienceMs = 60_000;

/** Fragments of different appends may interleave; the first one of each has the options. */
export function createFragments(now: () => number): Fragments {
  const unfinished = new Map<string, BatchedAppend>();
  const refused = new Set<string>();
  let bytes = 0;

  const forget = (append: BatchedAppend): void => {
    if (unfinished.delete(append.id)) bytes -= append.bytes;
  };
  const refuse = (append: BatchedAppend, refusal: BatchResult, isFinal: boolean): Assembled => {
    forget(append);
    if (!isFinal) refused.add(append.id);
    return { append, refusal };
  };
  const add = (append: BatchedAppend, request: BatchAppendReq): Assembled | undefined => {
    const isFinal = request.getIsFinal();
    if (append.deadlineMs <= now()) return refuse(append, { kind: 'timeout' }, isFinal);
    const before = append.bytes;
    const refusal = addEvents(append, request);
    if (unfinished.has(append.id)) bytes += append.bytes - before;
    if (refusal !== undefined) return refuse(append, refusal, isFinal);
    if (isFinal) {
      forget(append);
      return { append };
    }
    if (!unfinished.has(append.id)) bytes += append.bytes;
    unfinished.set(append.id, append);
    return undefined;
  };

  return {
    bytes: () => bytes,
    expired: () =>
      [...unfinished.values()]
        .filter(({ deadlineMs }) => deadlineMs <= now())
        .map((append) => refuse(append, { kind: 'timeout' }, false)),
    take: (request) => {
      const id = readUuid(request.getCorrelationId());
      if (refused.has(id)) {
        if (request.getIsFinal()) refused.delete(id);
        return undefined;
      }
      if (unfinished.size + refused.size >= maxUnfinished) {
        throw new CallError(status.RESOURCE_EXHAUSTED, 'Too many unfinished appends.');
      }
      const begun = unfinished.get(id) ?? begin(id, request, now());
      return 'refusal' in begun ? refuse(begun.append, begun.refusal, request.getIsFinal()) : add(begun, request);
    },
  };
}

function begin(id: string, request: BatchAppendReq, nowMs: number): BatchedAppend | Required<Assembled> {
  const append = { id, stream: '', expected: { kind: 'any' } as const, deadlineMs: 0, events: [], bytes: 0 };
  try {
    const options = request.getOptions();
    const stream = readStreamName(options?.getStreamIdentifier());
    if (options === undefined) return { append, refusal: { kind: 'invalid', reason: 'The options are missing.' } };
    return { ...append, stream, expected: expectedIn(options), deadlineMs: deadlineOf(options, nowMs) };
  } catch (error) {
    return { append, refusal: invalid(error) };
  }
}

/** The client names an absolute time; whatever it is, an append is not kept for longer than a minute. */
function deadlineOf(options: BatchAppendReq.Options, nowMs: number): number {
  const deadline = options.getDeadline();
  const longest = nowMs + maxPatienceMs;
  if (deadline === undefined) return longest;
  return Math.min(deadline.getSeconds() * 1000 + deadline.getNanos() / 1e6, longest);
}

function addEvents(append: BatchedAppend, request: BatchAppendReq): BatchResult | undefined {
  try {
    for (const message of request.getProposedMessagesList()) {
      const event = readProposedEvent(message);
      append.bytes += event.data.length + event.metadata.length;
      if (append.bytes > maxAppendBytes) return { kind: 'too-large' };
      append.events.push(event);
    }
    return undefined;
  } catch (error) {
    return invalid(error);
  }
}

function invalid(error: unknown): BatchResult {
  if (error instanceof CallError) return { kind: 'invalid', reason: error.details };
  throw error;
}
