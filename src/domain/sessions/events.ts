import type { Transport } from '../login/events.ts';

/** Stored forever in `sessions-<userId>`: which session of a user is active. Times are ISO 8601. */
export type SessionsEvent =
  | SessionStarted
  | {
      /** `generation` is that of the refresh token handed out; the first one of a session is 0. */
      type: 'SessionRefreshed';
      data: { sessionId: string; userId: string; teamId: string; generation: number; at: string };
    }
  | {
      /** The person goes on in another team: the same session, whose older access tokens are worth nothing now. */
      type: 'SessionTeamSwitched';
      data: {
        sessionId: string;
        userId: string;
        fromTeamId: string;
        teamId: string;
        roleId: string;
        at: string;
      };
    }
  | {
      /** From now on it ends after so long without use: the team says so, another one than before or a changed one. */
      type: 'SessionPolicyApplied';
      data: { sessionId: string; userId: string; teamId: string; idleTimeoutSeconds: number; at: string };
    }
  | {
      type: 'SessionSuperseded';
      data: {
        sessionId: string;
        userId: string;
        teamId: string;
        bySessionId: string;
        byDeviceId: string;
        at: string;
      };
    }
  | {
      type: 'SessionRevoked';
      data: { sessionId: string; userId: string; teamId: string; reason: SessionRevocationReason; at: string };
    }
  | {
      /** Held back until its owner has approved the login. */
      type: 'SessionSuspended';
      data: { sessionId: string; userId: string; teamId: string; loginId: string; at: string };
    }
  | {
      type: 'SessionResumed';
      data: { sessionId: string; userId: string; teamId: string; loginId: string; at: string };
    }
  | {
      type: 'SessionExpired';
      data: { sessionId: string; userId: string; teamId: string; cause: 'idle' | 'absolute'; at: string };
    };

export type SessionRevocationReason =
  | 'account-erased'
  | 'account-deactivated'
  | 'account-locked'
  | 'by-admin'
  | 'by-user'
  | 'device-removed'
  | 'logged-out'
  | 'login-denied'
  | 'member-removed'
  | 'password-change-forced'
  | 'password-changed'
  | 'refresh-token-reused'
  | 'team-closed';

export interface SessionStarted {
  type: 'SessionStarted';
  data: {
    sessionId: string;
    userId: string;
    teamId: string;
    roleId: string;
    deviceId: string;
    loginId: string;
    remember: boolean;
    transport: Transport;
    idleTimeoutSeconds: number;
    expiresAt: string;
    at: string;
  };
}
