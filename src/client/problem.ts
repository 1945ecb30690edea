/** Why a caller was refused, as the service says it: `urn:problem:<code>` with status and title (RFC 9457). */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
  readonly status: 401 | 403 | 503;
  readonly code: string;

  constructor(status: 401 | 403 | 503, code: string, title: string, options?: ErrorOptions) {
    super(title, options);
    this.status = status;
    this.code = code;
  }
}

/** No token, or none that is good for anything. */
export const sessionRequired = (): AccessRefused =>
  new AccessRefused(401, 'session-required', 'A valid session is needed');

/** Whether the caller may go on is not known, so the caller may not. */
export const serviceUnavailable = (cause?: unknown): AccessRefused =>
  new AccessRefused(503, 'auth-service-unavailable', 'The authentication service does not answer', { cause });
