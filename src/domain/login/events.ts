import type { LoginRiskInputs, LoginRiskSignal } from '../geo-check/events.ts';

/** Stored forever in `login-<loginId>`: one attempt from accepted credentials to a session. Times are ISO 8601. */
export type LoginEvent =
  | {
      type: 'LoginStarted';
      data: {
        loginId: string;
        userId: string;
        deviceId: string;
        deviceTrusted: boolean;
        remember: boolean;
        transport: Transport;
        expiresAt: string;
        at: string;
      };
    }
  | {
      /** `number` counts the codes of this login from 1; the code itself is derived from `codeId`, never stored. */
      type: 'DeviceCodeRequested';
      data: { loginId: string; userId: string; codeId: string; number: number; expiresAt: string; at: string };
    }
  | { type: 'DeviceCodeRejected'; data: { loginId: string; userId: string; codeId: string; tries: number; at: string } }
  | {
      type: 'LoginDeviceApproved';
      data: { loginId: string; userId: string; deviceId: string; codeId: string; at: string };
    }
  | {
      /** It comes from where its owner may well be. `inputs` is personal: what the verdict rests on. */
      type: 'LoginClearedByGeo';
      data: { loginId: string; userId: string; ruleVersion: number; inputs: LoginRiskInputs | null; at: string };
    }
  | {
      /** It goes on although nobody knows where it comes from. */
      type: 'LoginClearedWithoutGeo';
      data: { loginId: string; userId: string; reason: WithoutGeoReason; at: string };
    }
  | {
      /** Its owner is asked until `expiresAt`, by a mail whose links hold the `decisionId`. `inputs` is personal. */
      type: 'LoginFlagged';
      data: {
        loginId: string;
        userId: string;
        ruleVersion: number;
        signals: readonly LoginRiskSignal[];
        inputs: LoginRiskInputs | null;
        decisionId: string;
        expiresAt: string;
        at: string;
      };
    }
  | { type: 'LoginApprovedByUser'; data: { loginId: string; userId: string; decisionId: string; at: string } }
  | {
      type: 'LoginDenied';
      data: { loginId: string; userId: string; reason: LoginDenialReason; at: string };
    }
  | {
      type: 'LoginCompleted';
      data: {
        loginId: string;
        userId: string;
        deviceId: string;
        teamId: string;
        roleId: string;
        sessionId: string;
        remember: boolean;
        transport: Transport;
        at: string;
      };
    };

export type LoginDenialReason = 'device-code-tries' | 'device-code-resends' | 'denied-by-user';

/** Why a login was not judged by its place. */
export type WithoutGeoReason = 'timeout' | 'provider-down' | 'not-configured' | 'place-unknown';

/** How a client carries its tokens: in headers, or in cookies guarded against cross-site requests. */
export type Transport = 'bearer' | 'cookie';
