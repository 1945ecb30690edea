/** Stored forever in `devices-<userId>`: which devices a user trusts, and until when. Times are ISO 8601. */
export type DevicesEvent =
  | {
      type: 'DeviceApproved';
      data: {
        userId: string;
        deviceId: string;
        method: 'registration' | 'otp';
        loginId: string | null;
        trustedUntil: string;
        at: string;
      };
    }
  | {
      /** Use prolongs trust; recorded at most once a day for a device. */
      type: 'DeviceUsed';
      data: { userId: string; deviceId: string; loginId: string; trustedUntil: string; at: string };
    }
  | {
      /** Trust ended before its time, and with it the sessions on the device. */
      type: 'DeviceRemoved';
      data: { userId: string; deviceId: string; reason: DeviceRemovalReason; at: string };
    };

export type DeviceRemovalReason = 'by-user' | 'login-denied';
