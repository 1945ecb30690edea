import { Unavailable, WrongExpectedRevision } from '../application/ports.ts';
import { DomainError } from '../domain/errors.ts';
import { InvalidCursor } from '../projections/cursor.ts';
import { problems, RequestProblem, unavailable, type FieldError, type ProblemCode } from './problems.ts';

/** RFC 9457, with `requestId` and, for bad input, `errors`. */
export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  readonly [detail: string]: unknown;
}

export interface DescribedProblem {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** Set where the fault is ours: it is logged, never shown. */
  readonly fault?: unknown;
}

/** Only what the caller caused, and what is known to be away, is explained. */
export function describeProblem(error: unknown, requestId: string): DescribedProblem {
  if (error instanceof DomainError) {
    const { reasons, ...details } = error.details;
    const errors = typeof reasons === 'string' ? passwordErrors(reasons) : [];
    return described(error.code, requestId, { ...details, ...listed(errors) }, retryAfter(details.retryAfterSeconds));
  }
  if (error instanceof RequestProblem) return described(error.code, requestId, listed(error.errors), error.headers);
  if (error instanceof Unavailable) {
    const { retryAfterSeconds } = error;
    const code = unavailable[error.what];
    return { ...described(code, requestId, { retryAfterSeconds }, retryAfter(retryAfterSeconds)), fault: error };
  }
  if (error instanceof InvalidCursor) return described('invalid-request', requestId, listed(cursorErrors));
  if (error instanceof WrongExpectedRevision) return described('conflict', requestId);
  return { ...described('internal-error', requestId), fault: error };
}

function described(
  code: ProblemCode,
  requestId: string,
  details: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): DescribedProblem {
  const { status, title } = problems[code];
  const problem = { ...details, type: `urn:problem:${code}`, status, title, requestId };
  return { problem, headers: status === 401 ? { ...headers, 'WWW-Authenticate': challenge(code) } : headers };
}

/** RFC 6750 §3: an error is named only where a token was presented and is no good. */
const challenge = (code: ProblemCode): string =>
  code.startsWith('session-') && code !== 'session-required' ? 'Bearer error="invalid_token"' : 'Bearer';

const cursorErrors = [{ pointer: '/query/cursor', detail: 'must be one that an answer gave' }];

const listed = (errors: readonly FieldError[]) => (errors.length > 0 ? { errors } : {});

const retryAfter = (seconds: string | number | undefined): Record<string, string> =>
  seconds === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(Number(seconds)))) };

const passwordReasons: Readonly<Record<string, string>> = {
  'too-short': 'must have at least 12 characters',
  'too-long': 'must have at most 128 characters',
  common: 'is one of the most common passwords',
  'is-name': 'must not be your name',
  'is-email': 'must not be your e-mail address',
  'is-email-local-part': 'must not be the first part of your e-mail address',
  'is-team-name': "must not be your team's name",
  'is-current': 'must not be the one that has to be changed',
};

const inWords = (reasons: string): string[] => reasons.split(', ').map((reason) => passwordReasons[reason] ?? reason);

const passwordErrors = (reasons: string): FieldError[] =>
  inWords(reasons).map((detail) => ({ pointer: '/password', detail }));

/** Why a password is not acceptable, in words that follow "it". */
export const passwordReasonsOf = ({ details: { reasons } }: DomainError): string[] =>
  typeof reasons === 'string' ? inWords(reasons) : [];
