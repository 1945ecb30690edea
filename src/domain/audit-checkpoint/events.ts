/** Stored forever in `audit_checkpoint` and `audit_mismatch`. Times are ISO 8601, sizes count leaves. */
export type AuditCheckpointEvent = CheckpointSigned | CheckpointCosigned | AuditMismatchFound;

export interface CheckpointSigned {
  type: 'CheckpointSigned';
  data: {
    size: number;
    /** Base64. */
    rootHash: string;
    /** C2SP tlog-checkpoint, signed by the installation. */
    note: string;
    at: string;
  };
}

export interface CheckpointCosigned {
  type: 'CheckpointCosigned';
  data: {
    size: number;
    witness: string;
    /** A line of the note: C2SP cosignature/v1. */
    line: string;
    at: string;
  };
}

/** What the running check found: the log is not what was proven before, or a read model not what the log says. */
export interface AuditMismatchFound {
  type: 'AuditMismatchFound';
  data: {
    mismatch: AuditMismatch;
    /** Of the event in the tree; `null` where it is about none. */
    index: number | null;
    eventId: string | null;
    detail: string;
    at: string;
  };
}

export type AuditMismatch =
  | 'event-changed'
  | 'event-missing'
  | 'event-inserted'
  | 'proof-changed'
  | 'row-changed'
  | 'row-missing'
  | 'row-inserted'
  | 'log-rolled-back'
  | 'checkpoint-inconsistent'
  | 'checkpoint-unreadable';
