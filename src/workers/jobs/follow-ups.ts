import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';
import type { FollowUpName } from '../reactions.ts';
import { administrationFollowUps, type AdministrationFollowUps } from './administration-follow-ups.ts';
import { announceTeamJob, type TeamAnnouncing } from './announce-team.ts';
import { erasureFollowUps, type ErasureFollowUps } from './erasure-follow-ups.ts';
import { invitationFollowUps, type InvitationFollowUps } from './invitation-follow-ups.ts';
import { passwordFollowUps, type PasswordFollowUps } from './password-follow-ups.ts';
import { registrationFollowUps, type RegistrationFollowUps } from './registration-follow-ups.ts';
import { teamFollowUps, type TeamFollowUps } from './team-follow-ups.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

/** The next steps of what somebody began. Each is safe to repeat, long after too. */
export interface FollowUps
  extends
    AdministrationFollowUps,
    ErasureFollowUps,
    TeamAnnouncing,
    InvitationFollowUps,
    PasswordFollowUps,
    RegistrationFollowUps,
    TeamFollowUps {
  readonly trustDevice: UseCase<{ loginId: string }>;
  readonly endDeviceSessions: UseCase<{ userId: string; deviceId: string; removedAt: Date }>;
  readonly completeLogin: UseCase<{ loginId: string; userId: string }>;
  readonly checkLoginPlace: UseCase<{ loginId: string }>;
  readonly settleLogin: UseCase<{ loginId: string }>;
  readonly rememberLoginPlace: UseCase<{ loginId: string }>;
  readonly refreshSessionCache: UseCase<{ userId: string; sessionId: string }>;
}

/** What shows in the fast copy. */
const changesOfSessions = [
  'SessionStarted',
  'SessionSuperseded',
  'SessionRevoked',
  'SessionExpired',
  'SessionSuspended',
  'SessionResumed',
  'SessionTeamSwitched',
  'SessionPolicyApplied',
] as const;

export function followUpJobs(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: FollowUps,
): Readonly<Record<FollowUpName, Job>> {
  return {
    ...registrationFollowUps(eventStore, useCases),
    ...invitationFollowUps(eventStore, useCases),
    ...erasureFollowUps(eventStore, useCases),
    ...teamFollowUps(eventStore, useCases),
    ...administrationFollowUps(eventStore, useCases),
    'trust-device': reactionJob('trust-device', ['LoginDeviceApproved'], eventStore, ({ event }, context) =>
      useCases.trustDevice({ loginId: event.data.loginId }, context),
    ),
    'end-device-sessions': reactionJob('end-device-sessions', ['DeviceRemoved'], eventStore, ({ event }, context) => {
      const { userId, deviceId, at } = event.data;
      return useCases.endDeviceSessions({ userId, deviceId, removedAt: new Date(at) }, context);
    }),
    'complete-login': reactionJob('complete-login', ['LoginCompleted'], eventStore, ({ event: { data } }, context) =>
      useCases.completeLogin({ loginId: data.loginId, userId: data.userId }, context),
    ),
    ...passwordFollowUps(eventStore, useCases),
    'check-login-place': reactionJob('check-login-place', ['LoginStarted'], eventStore, ({ event }, context) =>
      useCases.checkLoginPlace({ loginId: event.data.loginId }, context),
    ),
    'settle-login': reactionJob(
      'settle-login',
      ['LoginFlagged', 'LoginApprovedByUser', 'LoginDenied'],
      eventStore,
      async ({ event: { data } }, context) => {
        await useCases.settleLogin({ loginId: data.loginId }, context);
        await useCases.rememberLoginPlace({ loginId: data.loginId }, context);
      },
    ),
    'announce-team': announceTeamJob(eventStore, useCases),
    'refresh-session-cache': reactionJob('refresh-session-cache', changesOfSessions, eventStore, ({ event }, context) =>
      useCases.refreshSessionCache({ userId: event.data.userId, sessionId: event.data.sessionId }, context),
    ),
  };
}
