import type { SessionRecord } from './ports.ts';

/**
 * Up to which revision of its stream a team has to be known for a request: `unknown` means the newest there is, and
 * so does `away`, while the session store does not answer.
 */
export type TeamEpoch = bigint | 'unknown' | 'away';

export interface UsedSession {
  readonly record: SessionRecord;
  /** The use before this one. */
  readonly lastUsedAt: Date;
  /** False after an outage, and at the start, until the record has been compared with its stream. */
  readonly isTrusted: boolean;
  readonly teamEpoch: TeamEpoch;
}

/** The fast copy of session state. Every call throws `Unavailable('session-store')` in an outage. */
export interface SessionCache {
  put(record: SessionRecord, now: Date): Promise<void>;
  /** Remembers to which revision `team-<teamId>` has come; an older one never replaces a newer one. */
  putTeamEpoch(teamId: string, revision: bigint): Promise<void>;
  /** Reads, marks as used where active, and tells the epoch of the team, in one step. */
  use(of: { sessionId: string; teamId: string }, now: Date): Promise<UsedSession | undefined>;
  /** Without marking as used. */
  lastUsed(sessionIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;
}
