import { DomainError } from '../domain/errors.ts';
import { Unavailable } from '../application/ports.ts';
import { InvalidPayload } from './job.ts';

/**
 * What may be known of a failure outside the process. Redis keeps messages and stacks of failed jobs, and the message
 * of a library can hold an address: only a code of our own leaves, and for the log the places in the code.
 */
export interface FailureDescription {
  readonly code: string;
  /** Repeating cannot help. */
  readonly final: boolean;
  readonly retryAfterMs: number;
  readonly frames: readonly string[];
}

export function describeFailure(error: unknown): FailureDescription {
  return {
    code: codeOf(error),
    final: error instanceof InvalidPayload || error instanceof DomainError,
    retryAfterMs: error instanceof Unavailable ? error.retryAfterSeconds * 1000 : 0,
    frames: framesOf(error),
  };
}

function codeOf(error: unknown): string {
  if (error instanceof DomainError) return error.code;
  if (error instanceof Unavailable) return `${error.what}-unavailable`;
  const name = error instanceof Error ? error.name : 'unknown';
  return /^\w{1,64}$/.test(name) ? name : 'unknown';
}

function framesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  return error.stack
    .split('\n')
    .filter((line) => /^ {4}at \S/.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
}
