import type { Dependency } from '../application/ports.ts';
import type { DomainErrorCode } from '../domain/errors.ts';

/** What can be wrong with a request before any use case sees it, or with the service behind it. */
export type RequestProblemCode =
  | 'invalid-request'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'method-not-allowed'
  | 'login-token-required'
  | 'csrf-token-invalid'
  | 'cross-site-request'
  | 'idempotency-in-progress'
  | 'idempotency-key-reused'
  | 'conflict'
  | 'overloaded'
  | UnavailableCode
  | 'internal-error';

type UnavailableCode =
  | 'event-store-unavailable'
  | 'session-store-unavailable'
  | 'database-unavailable'
  | 'password-hashing-busy'
  | 'mail-unavailable'
  | 'geo-ip-unavailable'
  | 'virtuozzo-unavailable'
  | 'read-model-behind';

export type ProblemCode = DomainErrorCode | RequestProblemCode;

/** The status and title of every problem; its `type` is `urn:problem:<code>`. */
export const problems: Record<ProblemCode, { status: number; title: string }> = {
  'email-not-verified': { status: 403, title: 'The e-mail address is not confirmed yet' },
  'account-deactivated': { status: 403, title: 'The account is deactivated' },
  'last-administrator': { status: 409, title: 'An administrator can shut out neither themselves nor the last one' },
  'invalid-credentials': { status: 401, title: 'The e-mail address or the password is wrong' },
  'too-many-attempts': { status: 429, title: 'Too many attempts' },
  'password-not-acceptable': { status: 422, title: 'The password is not acceptable' },
  'password-change-required': { status: 403, title: 'A new password has to be chosen first' },
  'current-password-wrong': { status: 422, title: 'The current password is wrong' },
  'reset-token-invalid': { status: 400, title: 'The link or token for a new password is not valid' },
  'reset-token-expired': { status: 410, title: 'The link or token for a new password has expired' },
  'reset-token-used': { status: 409, title: 'The link or token for a new password was used, or a newer one was sent' },
  'verification-token-invalid': { status: 400, title: 'The verification link is not valid' },
  'verification-token-expired': { status: 410, title: 'The verification link has expired' },
  'verification-token-used': { status: 409, title: 'The verification link has been used' },
  'login-not-found': { status: 404, title: 'There is no such login' },
  'login-expired': { status: 410, title: 'The login has expired' },
  'login-denied': { status: 403, title: 'The login was denied' },
  'login-step-not-due': { status: 409, title: 'This step of the login is not due' },
  'device-code-wrong': { status: 422, title: 'The code is wrong' },
  'device-code-expired': { status: 410, title: 'The code has expired' },
  'device-code-resend-too-early': { status: 429, title: 'A new code cannot be sent yet' },
  'login-decision-invalid': { status: 400, title: 'The link is not valid' },
  'login-decision-expired': { status: 410, title: 'The link has expired' },
  'login-decision-used': { status: 409, title: 'This login has been decided already' },
  'team-not-found': { status: 404, title: 'There is no such team' },
  'too-many-teams': { status: 409, title: 'You are in as many teams as one person may be to make one more' },
  'role-not-found': { status: 404, title: 'The team has no such role' },
  'platform-team-cannot-close': { status: 409, title: 'The platform team cannot be closed' },
  'role-not-editable': { status: 409, title: 'The roles that every team has cannot be changed or retired' },
  'role-in-use': { status: 409, title: 'Members have this role: say which one they get instead' },
  'role-name-taken': { status: 409, title: 'The team has a role of this name' },
  'too-many-roles': { status: 409, title: 'The team has as many roles as it can have' },
  'unknown-permission': { status: 422, title: 'There is no such permission' },
  'member-not-found': { status: 404, title: 'There is no such member' },
  'last-owner': { status: 409, title: 'A team has at least one Owner' },
  'not-an-owner': { status: 403, title: 'Only an Owner may do this' },
  'virtuozzo-not-configured': { status: 404, title: 'This installation has no Virtuozzo platform' },
  'virtuozzo-not-linked': { status: 404, title: 'The team is not linked to the Virtuozzo platform' },
  'virtuozzo-credentials-refused': { status: 422, title: 'The Virtuozzo platform refuses these credentials' },
  'virtuozzo-two-factor': { status: 422, title: 'The account asks for a second factor: link it with a token' },
  'email-not-found': { status: 404, title: 'There is no such mail' },
  'email-not-parked': { status: 409, title: 'Only a parked mail can be tried again' },
  'webhook-credentials-wrong': { status: 401, title: 'The credentials of the webhook are wrong' },
  'proof-not-ready': { status: 409, title: 'No signed checkpoint covers this yet' },
  'already-member': { status: 409, title: 'This person is a member of the team already' },
  'invitation-not-found': { status: 404, title: 'The team has no such invitation' },
  'invitation-token-invalid': { status: 404, title: 'The invitation link is not valid' },
  'invitation-expired': { status: 410, title: 'The invitation has expired' },
  'invitation-revoked': { status: 410, title: 'The invitation was withdrawn or replaced by a newer one' },
  'invitation-used': { status: 409, title: 'The invitation has been used' },
  'invitation-for-another-address': { status: 403, title: 'The invitation is for another e-mail address' },
  'invitation-no-longer-valid': { status: 410, title: 'What the invitation was for is not there any more' },
  'sign-in-to-accept': { status: 409, title: 'This address has an account: sign in to accept' },
  'session-required': { status: 401, title: 'A valid session is needed' },
  'session-superseded': { status: 401, title: 'The session was ended by a login elsewhere' },
  'session-suspended': { status: 401, title: 'The session is held back until its login is approved by e-mail' },
  'session-revoked': { status: 401, title: 'The session was ended' },
  'session-idle': { status: 401, title: 'The session ended because it was not used' },
  'session-expired': { status: 401, title: 'The session has expired' },
  'session-team-changed': { status: 401, title: 'The session has gone on in another team: use its newer access token' },
  'refresh-token-invalid': { status: 401, title: 'The refresh token is not valid' },
  'refresh-token-reused': { status: 401, title: 'The refresh token was used before: the session has been ended' },
  'permission-missing': { status: 403, title: 'A permission is missing' },
  'not-found': { status: 404, title: 'There is nothing here' },

  'invalid-request': { status: 400, title: 'The request is not valid' },
  'payload-too-large': { status: 413, title: 'The body of the request is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type or encoding is not supported' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'login-token-required': { status: 401, title: 'The token of the login is needed' },
  'csrf-token-invalid': { status: 403, title: 'The CSRF token is missing or does not belong to the session' },
  'cross-site-request': { status: 403, title: 'The request comes from another site' },
  'idempotency-in-progress': { status: 409, title: 'The first request with this idempotency key is still running' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for a different request' },
  conflict: { status: 409, title: 'Somebody else changed this at the same time' },

  'event-store-unavailable': { status: 503, title: 'The event store does not answer' },
  'session-store-unavailable': { status: 503, title: 'The session store does not answer' },
  'database-unavailable': { status: 503, title: 'The database does not answer' },
  'password-hashing-busy': { status: 503, title: 'Too many passwords are being checked' },
  'mail-unavailable': { status: 503, title: 'The mail provider does not answer' },
  'geo-ip-unavailable': { status: 503, title: 'The Geo-IP provider does not answer' },
  'virtuozzo-unavailable': { status: 503, title: 'The Virtuozzo platform does not answer' },
  'read-model-behind': { status: 503, title: 'The answer is not up to date yet' },
  overloaded: { status: 503, title: 'Too many requests are under way' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
};

export const unavailable: Record<Dependency, UnavailableCode> = {
  'event-store': 'event-store-unavailable',
  'session-store': 'session-store-unavailable',
  database: 'database-unavailable',
  'password-hashing': 'password-hashing-busy',
  mail: 'mail-unavailable',
  'geo-ip': 'geo-ip-unavailable',
  virtuozzo: 'virtuozzo-unavailable',
  'read-model': 'read-model-behind',
};

export interface FieldError {
  /** JSON pointer (RFC 6901) into the body; `/query/…`, `/header/…` for what does not stand in the body. */
  readonly pointer: string;
  readonly detail: string;
}

/** Something about the request itself; thrown in `api` only. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly code: RequestProblemCode;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RequestProblemCode,
    about: { errors?: readonly FieldError[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code);
    this.code = code;
    this.errors = about.errors ?? [];
    this.headers = about.headers ?? {};
  }
}
