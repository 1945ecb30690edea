import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { jobWorld } from './job-world.ts';
import { at, later, office, register, somebody, submit, tell } from './stories.ts';

const userId = randomUUID();
const loginId = randomUUID();
const session = { sessionId: randomUUID(), userId, teamId: randomUUID(), at };

describe('mails of jobs', () => {
  it('go out once for a registration, with the link, the name and the team', async () => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await react(await register(eventStore, userId));
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ to: 'ada@example.com', tag: 'verification' });
    expect(mails[0]?.text).toMatch(
      /Hello Ada Lovelace,[\s\S]*“Engines”[\s\S]*https:\/\/panel\.example\/verify\?token=[\w-]+\n/,
    );
    expect(mails[0]?.text).toContain('24 hours');
  });

  it('are not sent for a link that is past its end', async () => {
    const { eventStore, mails, react } = jobWorld(() => new Date(later(86_400_000)));
    await submit(eventStore, somebody({ userId }));
    await react(await register(eventStore, userId));
    expect(mails).toEqual([]);
    expect(eventStore.all().some(({ event }) => event.type === 'EmailSendStarted')).toBe(false);
  });

  it.each<Parameters<typeof tell>[2]>([
    {
      type: 'VerificationRequested',
      data: { userId, verificationId: 'v2', verificationExpiresAt: later(9_000_000), at },
    },
    { type: 'EmailVerified', data: { userId, verificationId: 'v', teamId: 't', trustedDeviceId: null, at } },
    { type: 'RegistrationLapsed', data: { userId, emailHash: 'ab', at } },
  ])('are not sent for a link that was overtaken (%#)', async (overtaking) => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const cause = await register(eventStore, userId);
    await tell(eventStore, streams.user(userId), overtaking);
    await react(cause);
    expect(mails).toEqual([]);
  });

  const startLogin = (eventStore: EventStore) =>
    tell(
      eventStore,
      streams.login(loginId),
      {
        type: 'LoginStarted',
        data: {
          loginId,
          userId,
          deviceId: 'd',
          deviceTrusted: false,
          remember: false,
          transport: 'bearer',
          expiresAt: later(900_000),
          at,
        },
      },
      office,
    );
  const requestCode = (eventStore: EventStore, number = 1) =>
    tell(eventStore, streams.login(loginId), {
      type: 'DeviceCodeRequested',
      data: { loginId, userId, codeId: randomUUID(), number, expiresAt: later(600_000), at },
    });

  it('carry the code, and from where the login came', async () => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await startLogin(eventStore);
    await react(await requestCode(eventStore));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toMatch(
      /314159[\s\S]*10 minutes[\s\S]*Device: Firefox on Linux[\s\S]*Address: 203\.0\.113\.x/,
    );
  });

  it('are not sent for a code that is past its end', async () => {
    const { eventStore, mails, react } = jobWorld(() => new Date(later(600_000)));
    await submit(eventStore, somebody({ userId }));
    await startLogin(eventStore);
    await react(await requestCode(eventStore));
    expect(mails).toEqual([]);
  });

  it.each<Parameters<typeof tell>[2]>([
    { type: 'DeviceCodeRequested', data: { loginId, userId, codeId: 'c2', number: 2, expiresAt: later(600_000), at } },
    { type: 'LoginDeviceApproved', data: { loginId, userId, deviceId: 'd', codeId: 'c', at } },
    { type: 'LoginDenied', data: { loginId, userId, reason: 'device-code-tries', at } },
  ])('are not sent for a code that nobody waits for (%#)', async (overtaking) => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await startLogin(eventStore);
    const cause = await requestCode(eventStore);
    await tell(eventStore, streams.login(loginId), overtaking);
    await react(cause);
    expect(mails).toEqual([]);
  });

  it('tell of a new device, from where its login came', async () => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await startLogin(eventStore);
    const data = { userId, deviceId: 'd', method: 'otp', loginId, trustedUntil: later(1), at } as const;
    await react(await tell(eventStore, streams.devices(userId), { type: 'DeviceApproved', data }));
    expect(mails.map(({ tag }) => tag)).toEqual(['new-device']);
    expect(mails[0]?.text).toContain('Place: Berlin, Germany');
  });

  it('tell the one whose session ended from where the other sign-in came', async () => {
    const { eventStore, mails, calls, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await startLogin(eventStore);
    const bySessionId = randomUUID();
    const cause = await tell(eventStore, streams.sessions(userId), {
      type: 'SessionSuperseded',
      data: { ...session, bySessionId, byDeviceId: 'd' },
    });
    await tell(eventStore, streams.sessions(userId), {
      type: 'SessionStarted',
      data: {
        ...session,
        sessionId: bySessionId,
        roleId: 'r',
        deviceId: 'd',
        loginId,
        remember: false,
        transport: 'bearer',
        idleTimeoutSeconds: 3600,
        expiresAt: later(1),
      },
    });
    await react(cause);
    expect(calls.map(([name]) => name)).toEqual(['refreshSessionCache', 'refreshSessionCache']);
    expect(mails.map(({ tag }) => tag)).toEqual(['session-superseded']);
    expect(mails[0]?.text).toContain('Device: Firefox on Linux');
  });

  it.each<[string, Parameters<typeof tell>[2], string, string]>([
    [
      'refresh-token-reused',
      { type: 'SessionRevoked', data: { ...session, reason: 'refresh-token-reused' } },
      streams.sessions(userId),
      'Address: 203.0.113.x',
    ],
    [
      'account-locked',
      { type: 'AccountLocked', data: { userId, until: later(900_000), lockMinutes: 15, at } },
      streams.user(userId),
      '1 March 2026, 12:15 UTC',
    ],
    [
      'already-registered',
      { type: 'RegistrationRepeated', data: { emailHash: 'ab', userId, confirmed: true, at } },
      streams.emailAddress('ab'),
      'https://panel.example/',
    ],
  ])('tell the person of what happened to the account: %s', async (tag, event, stream, fact) => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await react(await tell(eventStore, stream, event, office));
    expect(mails.map((mail) => mail.tag)).toEqual([tag]);
    expect(mails[0]?.text).toContain(fact);
  });
});
