import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { SpanIds } from '../application/tracing.ts';
import type { RequestFacts } from './request-facts.ts';

/** The shortest token that this service issues has this many characters; ids are shorter. */
const shortestToken = 43;

/** What the log knows of a request besides its method and path. */
export interface Logged {
  readonly facts?: RequestFacts;
  readonly route?: string;
  readonly caller?: { readonly userId: string; readonly sessionId: string } | undefined;
  readonly fault?: unknown;
  readonly trace?: SpanIds | undefined;
}

/**
 * One line for each request. Headers, queries and addresses are not in it, so that neither tokens nor personal data
 * are; faults come without the fields that libraries hang on their errors.
 */
export function requestLog(logger: Logger, about: (response: ServerResponse) => Logged) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const startedAt = Date.now();
    // After the last byte, or after the client has hung up; an error on the way there would otherwise end the process.
    response.on('error', () => undefined);
    response.on('close', () => {
      const line = { ...properties(request, response, about(response)), durationMs: Date.now() - startedAt };
      if (response.statusCode >= 500) logger.error(line, 'request failed');
      else logger.info(line, 'request');
    });
    next();
  };
}

function properties(
  request: IncomingMessage,
  response: ServerResponse,
  { facts, route, caller, fault, trace }: Logged,
) {
  return {
    requestId: facts?.requestId ?? '',
    correlationId: facts?.correlationId,
    method: request.method,
    path: pathWithoutSecrets((request as { originalUrl?: string }).originalUrl ?? request.url ?? ''),
    route,
    status: response.statusCode,
    ...(!response.writableFinished && { aborted: true }),
    ...caller,
    ...trace,
    ...(fault !== undefined && { fault: describeFault(fault) }),
  };
}

/** Links carry their token in the query, some calls in the path; an address has no place in either. */
export function pathWithoutSecrets(url: string): string {
  const path = url.replace(/[?#].*$/s, '').slice(0, 500);
  return path
    .split('/')
    .map((step) => (step.length >= shortestToken || /@|%40/.test(step) ? '***' : step))
    .join('/');
}

interface Fault {
  type: string;
  message: string;
  stack?: string | undefined;
  cause?: Fault;
}

function describeFault(error: unknown, depth = 0): Fault {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error' };
  const { name, message, stack, cause } = error;
  const deeper = cause === undefined || depth === 3 ? {} : { cause: describeFault(cause, depth + 1) };
  return { type: name, message, stack, ...deeper };
}
