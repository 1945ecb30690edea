/**
 * Stored forever in `virtuozzo-<teamId>`: the account of the team on the platform. Each link has its own `linkId`, under
 * which the vault keeps its key; neither key nor token nor password is ever in an event. Times are ISO 8601.
 */
export type VirtuozzoEvent =
  | {
      /** `replaces`: the link that this one takes the place of; `login` is personal data of `userId`, who linked. */
      type: 'VirtuozzoLinked';
      data: {
        teamId: string;
        linkId: string;
        replaces: string | null;
        userId: string;
        method: VirtuozzoMethod;
        login: string | null;
        /** Whether a new session key can be had without asking a person again. */
        renewable: boolean;
        at: string;
      };
    }
  | { type: 'VirtuozzoSessionRefreshed'; data: { teamId: string; linkId: string; at: string } }
  | {
      /** The platform does not answer; the key that is there is served on. */
      type: 'VirtuozzoOutageBegan';
      data: { teamId: string; linkId: string; at: string };
    }
  | {
      /** The key that is there is taken again, or there is a new one. */
      type: 'VirtuozzoOutageEnded';
      data: { teamId: string; linkId: string; beganAt: string; at: string };
    }
  | {
      /** The platform takes the key no more and gives no other: somebody has to link again. */
      type: 'VirtuozzoRefreshFailed';
      data: { teamId: string; linkId: string; reason: VirtuozzoRefreshFailure; at: string };
    }
  | {
      type: 'VirtuozzoUnlinked';
      data: { teamId: string; linkId: string; reason: VirtuozzoUnlinkReason; at: string };
    };

export type VirtuozzoMethod = 'password' | 'token';

/** `not-renewable`: the platform gave no token with the password, so that only a person can get another key. */
export type VirtuozzoRefreshFailure = 'token-refused' | 'not-renewable';

export type VirtuozzoUnlinkReason = 'by-owner' | 'team-closed';
