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
      type: 'LoginDenied';
      data: { loginId: string; userId: string; reason: 'device-code-tries' | 'device-code-resends'; at: string };
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

/** How a client carries its tokens: in headers, or in cookies guarded against cross-site requests. */
export type Transport = 'bearer' | 'cookie';
