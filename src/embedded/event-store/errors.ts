import { Metadata, status } from '@grpc/grpc-js';
import type { Expected } from './append-rules.ts';
import { maxAppendBytes } from './event.ts';

/** A refusal as gRPC carries it: a status, a sentence, and the trailers from which the client builds its own error. */
export class CallError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, trailers: Readonly<Record<string, string>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = new Metadata();
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, asciiOnly(value));
  }
}

export function invalidArgument(details: string): CallError {
  return new CallError(status.INVALID_ARGUMENT, details);
}

export function unavailable(details = 'Server Is Not Ready'): CallError {
  return new CallError(status.UNAVAILABLE, details);
}

export function streamDeleted(stream: string): CallError {
  return new CallError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
}

export function wrongExpectedVersion(stream: string, expected: Expected, current: bigint): CallError {
  const actual = current < 0n ? '' : current.toString();
  return new CallError(
    status.FAILED_PRECONDITION,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expectedNumber(expected)}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': expectedNumber(expected),
      ...(actual !== '' && { 'actual-version': actual }),
    },
  );
}

export function appendTooLarge(): CallError {
  return new CallError(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendBytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxAppendBytes),
  });
}

export function missingMetadataProperty(name: string): CallError {
  return new CallError(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
}

export function accessDenied(): CallError {
  return new CallError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
}

/** Anything that is not a refusal of ours is a fault: the caller learns only that it failed. */
export function asCallError(error: unknown): CallError {
  return error instanceof CallError ? error : new CallError(status.UNKNOWN, 'The server failed to answer.');
}

const specialExpectations = { 'no-stream': '-1', any: '-2', 'stream-exists': '-4' } as const;

function expectedNumber(expected: Expected): string {
  return expected.kind === 'revision' ? expected.revision.toString() : specialExpectations[expected.kind];
}

/** Trailers carry ASCII only; other names travel percent-encoded. */
function asciiOnly(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}
