import { convertToCommandError, ErrorType, isCommandError } from '@eventstore/db-client';
import { TaskCancelledError } from 'cockatiel';

/** No answer within the time limit. */
export class EventStoreStalled extends Error {
  override readonly name = 'EventStoreStalled';
}

/** The call ended before the answer: it may have been appended. */
export class AppendUnanswered extends Error {
  override readonly name = 'AppendUnanswered';
}

/** The store did not append. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
  /** As the protocol calls it, e.g. `Timeout`. */
  readonly reason: string;

  constructor(reason: string) {
    super(`The event store refused an append: ${reason}.`);
    this.reason = reason;
  }
}

/** Reasons of a store that could not; any other would be the same again. */
const passingReasons: ReadonlySet<string> = new Set(['Timeout', 'Unknown']);

const outageTypes: ReadonlySet<string> = new Set([
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.NOT_LEADER,
  ErrorType.UNKNOWN,
]);

/** Whether the store kept silent for the whole of the time limit. */
export function isStall(error: unknown): boolean {
  return error instanceof EventStoreStalled || error instanceof TaskCancelledError;
}

/**
 * Whether the store did not answer, so that the outcome is unknown. The client reports this as its own errors, as raw
 * gRPC errors while a connection is down, and as a plain `Error` when discovery of a cluster fails.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isStall(error) || error instanceof AppendUnanswered) return true;
  if (error instanceof AppendRefused) return passingReasons.has(error.reason);
  if (error.message.startsWith('Failed to discover')) return true;
  const converted = asClientError(error);
  return isCommandError(converted) && outageTypes.has(converted.type);
}

/** What the client would have made of it: calls that it does not make itself end with raw gRPC errors. */
export function asClientError(error: Error): Error {
  return isRawGrpcError(error) ? convertToCommandError(error) : error;
}

function isRawGrpcError(error: Error): boolean {
  return !isCommandError(error) && 'code' in error && typeof error.code === 'number' && 'metadata' in error;
}
