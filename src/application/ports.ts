import type { MailPauseReason } from '../domain/mail-sending/events.ts';
import type { RawEvent } from '../domain/audit-proof/stored-bytes.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Access } from './access/access.ts';

// ---- the log ------------------------------------------------------------------------------------------------------

export type StreamRevision = bigint | 'no-stream';

export type Actor =
  { readonly kind: 'user'; readonly userId: string } | { readonly kind: 'anonymous' } | { readonly kind: 'system' };

/** Where a request came from: personal data, stored encrypted, `null` after erasure. */
export interface Client {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly place: string | null;
}

/** Who does something, from where, and because of what. */
export interface Context {
  readonly actor: Actor;
  readonly sessionId?: string;
  readonly deviceId?: string;
  readonly requestId?: string;
  /** The same for everything that follows from one request. */
  readonly correlationId: string;
  /** The request or the event that directly caused this. */
  readonly causationId: string;
  readonly client?: Client;
  readonly traceparent?: string; // of the append, where traces are on
}

export interface NewEvent<Event extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly event: Event;
  readonly context: Context;
}

/** Ciphertexts of the personal fields of one stored event; opened with the subject's key while that exists. */
export interface Sealed {
  readonly subject: string;
  readonly data?: string;
  readonly client?: string;
  /** Of the client's address under the subject's key: no ciphertext, but worthless without that key. */
  readonly ipHash?: string;
}

/** A stored event and its place in the store. Personal fields read as `null` until `PersonalData.open`. */
export interface Recorded<Event extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  /** When the store took it. */
  readonly recordedAt: Date;
  readonly event: Event;
  readonly context: Context;
  readonly sealed?: Sealed;
}

export interface EventStore {
  /** Events from `from` (inclusive, default the first) to the end. Throws `UnknownEventType`, `EventStoreUnavailable`. */
  readStream(
    stream: string,
    from?: bigint,
  ): Promise<{ events: readonly Recorded[]; revision: StreamRevision; position: bigint | undefined }>;
  /**
   * All or nothing. Safe to repeat: the same ids at the same expected revision are one append.
   * Throws `WrongExpectedRevision` when someone else appended first, `EventStoreUnavailable` when the outcome is unknown.
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: StreamRevision | 'any',
  ): Promise<{ position: bigint; revision: bigint }>;
}

/** What a follower of the whole log sees. Every `position` says: everything up to here has been delivered. */
export type LogEntry<Event = Recorded> =
  | { readonly kind: 'event'; readonly recorded: Event; readonly position: bigint }
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  | { readonly kind: 'caught-up' };

/**
 * Events of this installation (by stream prefix) in commit order, one at a time; ends when the signal aborts and throws
 * when the store goes away. Unknown types are passed over.
 */
export type Subscribe = (after: bigint | 'start', signal: AbortSignal) => AsyncIterable<LogEntry>;

/** The same, of the bytes as the store keeps them and of every type. */
export type SubscribeRaw = (after: bigint | 'start', signal: AbortSignal) => AsyncIterable<LogEntry<PlacedEvent>>;

export type PlacedEvent = RawEvent & Pick<Recorded, 'position' | 'recordedAt'>;

/** Opens what was sealed, with the person's key; what has been erased stays `null`. */
export interface PersonalData {
  open<Event extends DomainEvent>(recorded: Recorded<Event>): Promise<Recorded<Event>>;
  /** The personal fields of one event as read models keep them. */
  openFields(eventId: string, sealed: Sealed): Promise<{ data: Record<string, unknown> | null; client: Client | null }>;
  /** Destroys the key: everything sealed under it is unreadable from now on, everywhere. */
  destroyKey(subject: string): Promise<void>;
}

export interface Snapshots {
  load(stream: string, version: number): Promise<{ state: unknown; revision: bigint; position: bigint } | undefined>;
  save(
    stream: string,
    version: number,
    snapshot: { state: unknown; revision: bigint; position: bigint },
  ): Promise<void>;
}

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
}

/** Deciding on a history that this version cannot read in full would be unsafe. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';
}

/** Something that the service needs does not answer; the caller may try again after `retryAfterSeconds`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly what: Dependency;
  readonly retryAfterSeconds: number;

  constructor(what: Dependency, options?: ErrorOptions & { retryAfterSeconds?: number }) {
    super(`${what} is unavailable`, options);
    this.what = what;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? 1;
  }
}

export type Dependency =
  'event-store' | 'session-store' | 'database' | 'password-hashing' | 'mail' | 'geo-ip' | 'virtuozzo' | 'read-model';

// ---- time, ids, secrets -------------------------------------------------------------------------------------------

export type Clock = () => Date;

export type Pause = (milliseconds: number) => Promise<unknown>;

/** UUIDv7 (RFC 9562 §5.7). */
export type NewId = () => string;

/** What a token is for; a token of one purpose is worthless for another. */
export type TokenPurpose =
  'verification' | 'invitation' | 'login' | 'login-decision' | 'refresh' | 'csrf' | 'reset' | 'password-change';

/**
 * Bearer secrets that are derived, not stored: `ids` under a 256-bit key of the vault, authenticated by HMAC-SHA-256.
 * Nothing at rest holds a token or its hash, and a repeated step gives the same token.
 */
export interface Tokens {
  issue(purpose: TokenPurpose, ids: readonly string[], generation?: number): string;
  /** Constant time; `undefined` for anything this installation has not issued for this purpose. */
  read(purpose: TokenPurpose, token: string): { ids: readonly string[]; generation: number } | undefined;
  /** The six digits for one `codeId`. */
  deviceCode(codeId: string): string;
  /** Constant time. */
  deviceCodeMatches(codeId: string, code: string): boolean;
  /** A new 256-bit device token (base64url). */
  newDeviceToken(): string;
  /** The same for one token and user, unlinkable between users (UUIDv8, RFC 9562 §5.8). */
  deviceId(deviceToken: string, userId: string): string;
  /** Keyed hash of the normalised address, in lower-case hex. */
  emailHash(email: string): string;
  /** An id that is the same each time for the same cause and name (UUIDv8), e.g. the mail that follows from an event. */
  derivedId(cause: string, name: string): string;
}

export interface AccessTokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly teamId: string;
  readonly roleId: string;
}

/** JWT (RFC 7519) signed with EdDSA (RFC 8037), verified against the published keys (RFC 7517). */
export interface AccessTokens {
  sign(claims: AccessTokenClaims, now: Date): Promise<{ token: string; expiresInSeconds: number }>;
  verify(token: string, now: Date): Promise<(AccessTokenClaims & { expiresAt: Date }) | undefined>;
  publicKeys(): Promise<{ keys: readonly object[] }>;
}

/** Hashing is bounded; throws `Unavailable('password-hashing')` when too many wait. */
export interface Passwords {
  hash(password: string): Promise<PasswordHash>;
  /** Does the same work for `undefined`, and answers false. */
  verify(password: string, hash: PasswordHash | undefined): Promise<boolean>;
  /** Whether it is what `hash` would make today: by scheme, cost and pepper. */
  isCurrent(hash: PasswordHash): boolean;
  /** Whether it stands in the list of common passwords (OWASP ASVS 5.0 §6.2.4). */
  isCommon(password: string): boolean;
}

export interface PasswordHash {
  readonly scheme: string;
  readonly pepperVersion: number;
  readonly hash: string;
}

/** Password hashes, outside the log; events refer to them by id. */
export interface Credentials {
  save(credentialId: string, userId: string, hash: PasswordHash): Promise<void>;
  load(credentialId: string): Promise<PasswordHash | undefined>;
  /** Only if `known` is what is there; answers whether it was. */
  replace(credentialId: string, known: PasswordHash, by: PasswordHash): Promise<boolean>;
  remove(userId: string): Promise<void>;
  /** Saved before `before`, in the order of their ids: the sweeper looks for those that no event refers to. */
  list(
    before: Date,
    after: string | undefined,
    limit: number,
  ): Promise<readonly { credentialId: string; userId: string }[]>;
  discard(credentialId: string): Promise<void>;
}

// ---- sessions as the request path sees them -----------------------------------------------------------------------

export type SessionStatus = 'active' | 'suspended' | 'superseded' | 'revoked' | 'expired-idle' | 'expired-absolute';

export interface SessionRecord {
  readonly sessionId: string;
  readonly userId: string;
  readonly teamId: string;
  readonly roleId: string;
  readonly deviceId: string;
  readonly status: SessionStatus;
  /** Revision of `sessions-<userId>` that this was read at: an older one never replaces a newer one. */
  readonly revision: bigint;
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly idleTimeoutSeconds: number;
  /** When it ended, and where the session that took over is; only for sessions that ended. */
  readonly endedAt?: string;
}

export interface TeamOfUser {
  readonly teamId: string;
  readonly name: string;
  readonly roleId: string;
  readonly role: string;
}

/** Answers from read models that show at least everything up to `position`; throws `Unavailable('read-model')`. */
export interface Directory {
  teamsOf(userId: string, position: bigint): Promise<readonly TeamOfUser[]>;
  /** A session as Postgres has it, for when the cache is away. */
  session(sessionId: string): Promise<SessionRecord | undefined>;
  /** Active sessions in the order of their ids, a page at a time. */
  activeSessions(after: string | undefined, limit: number): Promise<readonly SessionRecord[]>;
  /** Sessions in the team that have not ended, as of `position` at least, in the order of their ids, a page at a time. */
  sessionsInTeam(
    of: { teamId: string; position: bigint },
    after: string | undefined,
    limit: number,
  ): Promise<readonly SessionRecord[]>;
  /** Registrations never verified and older than `before`. */
  lapsedRegistrations(before: Date, limit: number): Promise<readonly { userId: string }[]>;
  /** Ids of the invitations that ever went to an address, once everything up to `position` is to be seen. */
  invitationsTo(emailHash: string, position: bigint): Promise<readonly string[]>;
  /** Everybody who was erased, in the order of their ids, a page at a time. */
  erasures(
    after: string | undefined,
    limit: number,
  ): Promise<readonly { userId: string; receiptId: string; erasedAt: Date }[]>;
  /** What a member may do in a team, for when the log is away. */
  access(teamId: string, userId: string): Promise<Access | undefined>;
}

// ---- mail ---------------------------------------------------------------------------------------------------------

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly tag: string;
  readonly messageId: string;
}

export type MailOutcome =
  | { readonly kind: 'sent'; readonly providerMessageId: string }
  | { readonly kind: 'rejected'; readonly reason: 'invalid-recipient' | 'inactive-recipient' }
  /** It is us whom the provider refuses: no mail would leave. */
  | { readonly kind: 'refused'; readonly reason: MailPauseReason };

export interface Mailer {
  /** Throws `Unavailable('mail')` when it may be tried again; the mail may have left all the same. */
  send(mail: Mail): Promise<MailOutcome>;
  /** Whether the provider takes our token. Throws `Unavailable('mail')`. */
  acceptsUs(): Promise<boolean>;
  /** Whether a mail with this id has reached the provider. Throws `Unavailable('mail')`. */
  find(messageId: string): Promise<{ providerMessageId: string } | undefined>;
}
