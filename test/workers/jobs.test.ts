import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { CauseNotFound } from '../../src/workers/reaction-job.ts';
import { InvalidPayload } from '../../src/workers/job.ts';
import { scheduledJobs } from '../../src/workers/jobs/scheduled.ts';
import { jobWorld } from './job-world.ts';
import { at, somebody, submit, tell } from './stories.ts';

const userId = randomUUID();
const loginId = randomUUID();
const session = { sessionId: randomUUID(), userId, teamId: randomUUID(), at };

describe('what follows from an event', () => {
  it.each<[Parameters<typeof tell>[2], string, string, object]>([
    [
      { type: 'EmailVerified', data: { userId, verificationId: 'v', teamId: 't', trustedDeviceId: null, at } },
      streams.user(userId),
      'completeVerification',
      { userId },
    ],
    [
      { type: 'LoginDeviceApproved', data: { loginId, userId, deviceId: 'd', codeId: 'c', at } },
      streams.login(loginId),
      'trustDevice',
      { loginId },
    ],
    [
      {
        type: 'LoginCompleted',
        data: {
          loginId,
          userId,
          deviceId: 'd',
          teamId: 't',
          roleId: 'r',
          sessionId: 's',
          remember: false,
          transport: 'bearer',
          at,
        },
      },
      streams.login(loginId),
      'completeLogin',
      { loginId, userId },
    ],
    [
      { type: 'SessionExpired', data: { ...session, cause: 'idle' } },
      streams.sessions(userId),
      'refreshSessionCache',
      { userId, sessionId: session.sessionId },
    ],
    [
      { type: 'SessionRevoked', data: { ...session, reason: 'logged-out' } },
      streams.sessions(userId),
      'refreshSessionCache',
      { userId, sessionId: session.sessionId },
    ],
  ])(
    'is done by the system, in the same story, because of that event (%#)',
    async (event, stream, useCase, request) => {
      const { eventStore, calls, react } = jobWorld();
      const cause = await tell(eventStore, stream, event);
      await react(cause);
      const context = { actor: { kind: 'system' }, correlationId: cause.context.correlationId, causationId: cause.id };
      expect(calls.filter(([name]) => name === useCase)).toEqual([
        [useCase, request, context],
        [useCase, request, context],
      ]);
    },
  );

  it('completes a registration', async () => {
    const { eventStore, calls, react } = jobWorld();
    await react(await submit(eventStore, somebody({ userId })));
    expect(calls[0]?.slice(0, 2)).toEqual(['completeRegistration', { userId }]);
  });

  it.each<Parameters<typeof tell>[2]>([
    { type: 'RegistrationRepeated', data: { emailHash: 'ab', userId, confirmed: false, at } },
    { type: 'VerificationResendRequested', data: { emailHash: 'ab', userId, at } },
  ])('asks for one verification for one cause (%#)', async (event) => {
    const { eventStore, calls, react } = jobWorld();
    const cause = await tell(eventStore, streams.emailAddress('ab'), event);
    await react(cause);
    expect(calls.map(([name, request]) => [name, request])).toEqual([
      ['requestVerification', { userId, causedBy: cause.id }],
      ['requestVerification', { userId, causedBy: cause.id }],
    ]);
  });
});

describe('a payload', () => {
  const good = { stream: 'user-1', revision: '0', eventId: randomUUID() };
  const names = Object.keys(jobWorld().jobs);

  it.each(names)('of %s that does not parse is refused before anything is done', async (name) => {
    const { jobs, calls, mails } = jobWorld();
    for (const payload of [
      undefined,
      null,
      'x',
      {},
      { ...good, revision: -1 },
      { ...good, eventId: 'x' },
      { ...good, email: 'a@b' },
    ]) {
      const refused = await jobs[name]?.run(payload).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(InvalidPayload);
      expect(String(refused)).not.toContain('a@b');
    }
    expect([calls, mails]).toEqual([[], []]);
  });

  it('that points at another event is refused', async () => {
    const { eventStore, jobs, calls } = jobWorld();
    const { stream } = await submit(eventStore, somebody({ userId }));
    const payload = { stream, revision: '0', eventId: randomUUID() };
    await expect(jobs['complete-registration']?.run(payload)).rejects.toBeInstanceOf(InvalidPayload);
    expect(calls).toEqual([]);
  });

  it('that points at an event of another type is refused', async () => {
    const { eventStore, jobs } = jobWorld();
    const { stream, id } = await submit(eventStore, somebody({ userId }));
    const payload = { stream, revision: '0', eventId: id };
    await expect(jobs['complete-login']?.run(payload)).rejects.toBeInstanceOf(InvalidPayload);
  });

  it('that points past the end of the stream may be right later', async () => {
    const { jobs } = jobWorld();
    await expect(jobs['complete-login']?.run(good)).rejects.toBeInstanceOf(CauseNotFound);
  });
});

describe('scheduled jobs', () => {
  it('run their use case as the system, each run a story of its own', async () => {
    const calls: [string, object, Context][] = [];
    const called = (name: string) => (request: object, context: Context) => {
      calls.push([name, request, context]);
      return Promise.resolve();
    };
    const jobs = scheduledJobs(
      {
        expireSessions: called('expireSessions'),
        lapseRegistrations: called('lapseRegistrations'),
        sweepCredentials: called('sweepCredentials'),
        checkAuditLog: called('checkAuditLog'),
        keepErasures: called('keepErasures'),
      },
      randomUUID,
    );
    for (const job of Object.values(jobs)) {
      await job.run({});
      await job.run({});
      await expect(job.run({ userId })).rejects.toBeInstanceOf(InvalidPayload);
    }
    expect(calls.map(([name]) => name)).toEqual([
      'expireSessions',
      'expireSessions',
      'lapseRegistrations',
      'lapseRegistrations',
      'sweepCredentials',
      'sweepCredentials',
      'checkAuditLog',
      'checkAuditLog',
      'keepErasures',
      'keepErasures',
    ]);
    expect(calls.every(([, request, { actor }]) => actor.kind === 'system' && Object.keys(request).length === 0)).toBe(
      true,
    );
    expect(new Set(calls.map(([, , { correlationId }]) => correlationId)).size).toBe(calls.length);
  });
});
