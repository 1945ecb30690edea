/** Stable names of what a caller can do wrong; `api/problem-details.ts` gives each its status and title. */
export type DomainErrorCode =
  | 'email-not-verified'
  | 'account-deactivated'
  | 'last-administrator'
  | 'invalid-credentials'
  | 'too-many-attempts'
  | 'password-not-acceptable'
  | 'password-change-required'
  | 'current-password-wrong'
  | 'reset-token-invalid'
  | 'reset-token-expired'
  | 'reset-token-used'
  | 'verification-token-invalid'
  | 'verification-token-expired'
  | 'verification-token-used'
  | 'login-not-found'
  | 'login-expired'
  | 'login-denied'
  | 'login-step-not-due'
  | 'device-code-wrong'
  | 'device-code-expired'
  | 'device-code-resend-too-early'
  | 'login-decision-invalid'
  | 'login-decision-expired'
  | 'login-decision-used'
  | 'team-not-found'
  | 'too-many-teams'
  | 'platform-team-cannot-close'
  | 'role-not-found'
  | 'role-not-editable'
  | 'role-in-use'
  | 'role-name-taken'
  | 'too-many-roles'
  | 'unknown-permission'
  | 'member-not-found'
  | 'last-owner'
  | 'not-an-owner'
  | 'virtuozzo-not-configured'
  | 'virtuozzo-not-linked'
  | 'virtuozzo-credentials-refused'
  | 'virtuozzo-two-factor'
  | 'email-not-found'
  | 'email-not-parked'
  | 'webhook-credentials-wrong'
  | 'already-member'
  | 'invitation-not-found'
  | 'invitation-token-invalid'
  | 'invitation-expired'
  | 'invitation-revoked'
  | 'invitation-used'
  | 'invitation-for-another-address'
  | 'invitation-no-longer-valid'
  | 'sign-in-to-accept'
  | 'session-required'
  | 'session-superseded'
  | 'session-suspended'
  | 'session-revoked'
  | 'session-idle'
  | 'session-expired'
  | 'session-team-changed'
  | 'refresh-token-invalid'
  | 'refresh-token-reused'
  | 'permission-missing'
  | 'proof-not-ready'
  | 'not-found';

/** A refusal the caller caused. Anything else that is thrown is a bug or an outage. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: DomainErrorCode;
  /** Facts that help the caller and tell nobody else anything: they are shown in the problem document. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: DomainErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.details = details;
  }
}
