import { convertToCommandError, ErrorType, isCommandError } from '@eventstore/db-client';
import { TaskCancelledError } from 'cockatiel';

/** No answer within the time limit. */
export class EventStoreStalled extends Error {
  override readonly name = 'EventStoreStalled';
}

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
  if (isStall(error)) return true;
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
