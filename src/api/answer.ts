import type { DescribedProblem, Problem } from './problem-details.ts';

/** A response as a value: any server can send it, and an idempotent request can have it again. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
  /** Instead of the body, where it is too long to be one; begun only when it is sent. */
  readonly stream?: AsyncIterable<string>;
  /** Why it is a 5xx, for the log. */
  readonly fault?: unknown;
  /** Who asked, for the log. */
  readonly caller?: { readonly userId: string; readonly sessionId: string };
}

export interface Result<Body> {
  readonly body?: Body;
  /** Instead of a body. */
  readonly stream?: AsyncIterable<string>;
  /** Where it is not the endpoint's usual one. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
  /** Of the newest event that a command made happen. */
  readonly position?: bigint | undefined;
}

/** How an endpoint writes its answers: JSON where nothing else is said. */
export interface Rendering {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly problemPage?: (problem: Problem) => string;
}

export const asJson: Rendering = { contentType: 'application/json', headers: {} };
export const asText = (contentType: string): Rendering => ({ contentType, headers: {} });

export function answerOf(result: Result<unknown>, status: number, { contentType, headers }: Rendering): Answer {
  const body = bodyText(result.body, contentType);
  return {
    status: result.status ?? status,
    headers: {
      'Cache-Control': 'no-store',
      ...((body !== '' || result.stream) && { 'Content-Type': contentType }),
      ...headers,
      ...(result.position !== undefined && { 'Event-Position': result.position.toString() }),
      ...result.headers,
    },
    cookies: result.cookies ?? [],
    body,
    ...(result.stream && { stream: result.stream }),
  };
}

export function problemAnswer({ problem, headers, fault }: DescribedProblem, rendering: Rendering = asJson): Answer {
  const page = rendering.problemPage?.(problem);
  return {
    status: problem.status,
    headers: {
      'Cache-Control': 'no-store',
      'Content-Type': page === undefined ? 'application/problem+json' : rendering.contentType,
      ...(page !== undefined && rendering.headers),
      ...headers,
    },
    cookies: [],
    body: page ?? JSON.stringify(problem),
    ...(fault !== undefined && { fault }),
  };
}

function bodyText(body: unknown, contentType: string): string {
  if (body === undefined) return '';
  return contentType === 'application/json' ? JSON.stringify(body) : (body as string);
}
