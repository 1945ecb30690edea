import { describe, expect, it } from 'vitest';
import type { EventOf, EventType } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/application/ports.ts';
import { jobsFor, reactions } from '../../src/workers/reactions.ts';
import { at, someContext } from './stories.ts';

function recorded<Type extends EventType>(type: Type, data: Partial<EventOf<Type>['data']> = {}): Recorded {
  return {
    id: '0197f3a0-0000-7000-8000-000000000001',
    stream: 'some-stream',
    revision: 7n,
    position: 70n,
    recordedAt: new Date(at),
    event: { type, data } as unknown as Recorded['event'],
    context: someContext({ ip: '203.0.113.7', userAgent: null, place: null }),
  };
}

const namesFor = (event: Recorded) => jobsFor(event).map(({ name }) => name);

describe('the reactions', () => {
  it.each<[Recorded, readonly string[]]>([
    [recorded('RegistrationSubmitted', { email: 'ada@example.com' }), ['complete-registration']],
    [recorded('UserRegistered'), ['mail-verification']],
    [recorded('VerificationRequested'), ['mail-verification']],
    [recorded('RegistrationRepeated', { confirmed: true }), ['mail-already-registered']],
    [recorded('RegistrationRepeated', { confirmed: false }), ['request-verification']],
    [recorded('VerificationResendRequested', { userId: 'u' }), ['request-verification']],
    [recorded('VerificationResendRequested', { userId: null }), []],
    [recorded('EmailVerified'), ['complete-verification', 'appoint-administrator']],
    [recorded('UserLocked'), ['end-barred-sessions', 'mail-locked-by-administrator']],
    [recorded('UserDeactivated'), ['end-barred-sessions', 'mail-account-deactivated']],
    [recorded('UserReactivated'), ['mail-account-reactivated']],
    [recorded('InvitationIssued'), ['mail-invitation']],
    [recorded('InvitationResent'), ['mail-invitation']],
    [recorded('InvitationAccepted'), ['complete-acceptance']],
    [recorded('InvitedRegistrationSubmitted'), ['complete-invited-registration']],
    [recorded('InvitedRegistrationRefused'), ['complete-invited-registration']],
    [recorded('LoginStarted'), ['check-login-place']],
    [recorded('LoginFlagged'), ['settle-login', 'mail-suspicious-login']],
    [recorded('LoginApprovedByUser'), ['settle-login']],
    [recorded('LoginDenied', { reason: 'denied-by-user' }), ['settle-login']],
    [recorded('LoginDenied', { reason: 'device-code-tries' }), []],
    [recorded('SessionSuspended'), ['refresh-session-cache']],
    [recorded('SessionResumed'), ['refresh-session-cache']],
    [recorded('DeviceCodeRequested'), ['mail-device-code']],
    [recorded('LoginDeviceApproved'), ['trust-device']],
    [recorded('DeviceApproved', { method: 'otp' }), ['mail-new-device']],
    [recorded('DeviceApproved', { method: 'registration' }), []],
    [recorded('LoginCompleted'), ['complete-login']],
    [recorded('AccountLocked'), ['mail-account-locked']],
    [recorded('SessionStarted'), ['refresh-session-cache']],
    [recorded('SessionSuperseded'), ['refresh-session-cache', 'mail-session-superseded']],
    [recorded('SessionRevoked', { reason: 'logged-out' }), ['refresh-session-cache']],
    [
      recorded('SessionRevoked', { reason: 'refresh-token-reused' }),
      ['refresh-session-cache', 'mail-refresh-token-reused'],
    ],
    [recorded('SessionExpired'), ['refresh-session-cache']],
    [recorded('UserErased'), ['complete-erasure', 'mail-erased']],
    [recorded('EmailSent', { template: 'erased' }), ['forget-erasure']],
    [recorded('EmailRejected', { template: 'erased' }), ['forget-erasure']],
    [recorded('EmailDropped', { template: 'erased' }), ['forget-erasure']],
    [recorded('EmailSent', { template: 'verification' }), []],
    [recorded('TeamRenamed'), ['announce-team']],
    [recorded('MemberRoleChanged'), ['announce-team', 'mail-role-changed']],
  ])('turn an event into its jobs (%#)', (event, names) => {
    expect(namesFor(event)).toEqual(names);
  });

  it.each<EventType>(['EmailSendStarted', 'GeoCheckCompleted', 'TeamCreated', 'LoginFailed'])(
    'leave %s alone',
    (type) => {
      expect(reactions[type]).toBeUndefined();
      expect(namesFor(recorded(type))).toEqual([]);
    },
  );

  it('give a job the place of its cause and nothing else, under an id that is the same each time', () => {
    const event = recorded('RegistrationSubmitted', { email: 'ada@example.com', name: 'Ada' });
    const [job] = jobsFor(event);
    expect(job?.payload).toEqual({ stream: 'some-stream', revision: '7', eventId: event.id });
    expect(job?.jobId).toBe(`complete-registration-${event.id}`);
    expect(job?.jobId).not.toContain(':');
    expect(jobsFor(event)).toEqual([job]);
  });
});
