/** Stored forever in `alert-<name>`. `value` and `threshold` are in the unit of the alert: a count, or a share of 1. */
export type AlertEvent =
  | {
      /** Also when the level of a raised alert changes. */
      type: 'AlertRaised';
      data: { name: AlertName; level: AlertLevel; value: number; threshold: number; samples: number; at: string };
    }
  | { type: 'AlertCleared'; data: { name: AlertName; value: number; raisedAt: string; at: string } };

export type AlertName =
  | 'failed-logins-per-ip'
  | 'suspicious-logins'
  | 'session-errors'
  | 'email-failures'
  | 'mail-sending-paused'
  | 'audit-mismatch';

export type AlertLevel = 'warning' | 'critical';
