/** Stored forever in `audit_read-<date>`: who looked at the history, and for what. Times are ISO 8601. */
export interface AuditRead {
  type: 'AuditRead';
  data: {
    readBy: string;
    /** Of the session it was read in: the reader's team, not always the one that was read about. */
    teamId: string;
    what: AuditReadKind;
    /** What was asked for, by the names of the request's parameters; an address of a client is not among it. */
    filter: Readonly<Record<string, string>>;
    /** How many entries were shown; `null` where the answer begins before that is known. */
    count: number | null;
    at: string;
  };
}

export type AuditReadKind =
  'events' | 'event' | 'stream' | 'state' | 'access' | 'access-diff' | 'export' | 'checkpoint' | 'proof';
