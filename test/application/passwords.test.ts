import { describe, expect, it } from 'vitest';
import type { Passwords } from '../../src/application/ports.ts';
import {
  anonymous,
  codeOf,
  email,
  ip,
  laptop,
  password,
  passwordWorld,
  plainPasswords,
  refusal,
  stranger,
} from './password-world.ts';

const chosen = 'seven lamps beside the harbour';
const another = 'no lamps at all in the mountains';

describe('a reset', () => {
  it('makes the new password the one that counts, and leaves no hash of the old one', async () => {
    const world = await passwordWorld();
    const token = await world.askForLink();
    await world.resetPassword({ token, password: chosen }, anonymous());
    expect(await codeOf(world.startLogin(password))).toBe('invalid-credentials');
    expect((await world.startLogin(chosen)).view.status).toBe('team-selection-required');
    expect([...world.hashes.values()].map(({ hash }) => hash)).toEqual([`plain ${chosen}`]);
    const changed = world.events('PasswordChanged').map(({ event, context }) => [event.data.reason, context.actor]);
    expect(changed).toEqual([['reset', { kind: 'user', userId: world.userId }]]);
  });

  it('ends every session, and the next request with them is refused', async () => {
    const world = await passwordWorld();
    const grants = [await world.logIn(), await world.logIn()];
    await world.resetPassword({ token: await world.askForLink(), password: chosen }, anonymous());
    for (const { accessToken, refreshToken } of grants) {
      expect(await codeOf(world.checkSession(accessToken))).toBe('session-revoked');
      expect(await codeOf(world.refreshSession({ refreshToken }, anonymous()))).toBe('session-revoked');
    }
    expect(world.events('SessionRevoked').map(({ event }) => event.data.reason)).toEqual([
      'password-changed',
      'password-changed',
    ]);
  });

  it('works once, also when it is tried twice at once, and leaves one hash', async () => {
    const world = await passwordWorld();
    const token = await world.askForLink();
    const both = [chosen, another].map((given) => world.resetPassword({ token, password: given }, anonymous()));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(world.events('PasswordChanged')).toHaveLength(1);
    expect(world.hashes.size).toBe(1);
    expect(await codeOf(world.resetPassword({ token, password: another }, anonymous()))).toBe('reset-token-used');
    expect(world.hashes.size).toBe(1);
  });

  it('does no hashing for a token that is no good', async () => {
    const hashed: string[] = [];
    const plain = plainPasswords();
    const passwords: Passwords = { ...plain, hash: (given) => (hashed.push(given), plain.hash(given)) };
    const world = await passwordWorld({ passwords });
    const token = await world.askForLink();
    const newer = await world.askForLink();
    const verification = world.ports.tokens.issue('verification', [world.userId, world.userId]);
    hashed.length = 0;
    for (const [given, code] of [
      ['nonsense', 'reset-token-invalid'],
      [verification, 'reset-token-invalid'],
      [token, 'reset-token-used'],
    ] as const) {
      expect(await codeOf(world.resetPassword({ token: given, password: chosen }, anonymous()))).toBe(code);
    }
    world.later(3_600_000);
    expect(await codeOf(world.resetPassword({ token: newer, password: chosen }, anonymous()))).toBe(
      'reset-token-expired',
    );
    expect(hashed).toEqual([]);
  });

  it('gives all the reasons against a password, and leaves the link good', async () => {
    const world = await passwordWorld();
    const token = await world.askForLink();
    const reasonsFor = async (given: string) =>
      (await refusal(world.resetPassword({ token, password: given }, anonymous()))).details;
    expect(await reasonsFor('ada')).toEqual({ reasons: 'too-short, is-email-local-part' });
    expect(await reasonsFor('Ada Lovelace')).toEqual({ reasons: 'is-name' });
    expect(await reasonsFor('ADA@example.com1')).toEqual({ reasons: 'is-email' });
    expect(await reasonsFor('analytical engines')).toEqual({ reasons: 'is-team-name' });
    expect(await reasonsFor('difference engines 1')).toEqual({ reasons: 'is-team-name' });
    expect(await reasonsFor('password1234')).toEqual({ reasons: 'common' });
    await world.resetPassword({ token, password: chosen }, anonymous());
  });

  it('takes a lock away', async () => {
    const world = await passwordWorld();
    for (let tries = 0; tries < 10; tries++) await refusal(world.startLogin('wrong'));
    for (let tries = 0; tries < 10; tries++) await refusal(world.startLogin('wrong', stranger));
    expect(await codeOf(world.startLogin(password))).toBe('invalid-credentials');
    await world.resetPassword({ token: await world.askForLink(), password: chosen }, anonymous());
    expect((await world.startLogin(chosen)).view.status).toBe('team-selection-required');
    expect((await world.startLogin(chosen, stranger)).view.status).toBe('device-approval-required');
  });
});

describe('what follows from a change', () => {
  it('is done again without harm, and ends no session that started after it', async () => {
    const world = await passwordWorld();
    await world.resetPassword({ token: await world.askForLink(), password: chosen }, anonymous());
    const { accessToken } = await world.logIn(chosen);
    const [changed] = world.events('PasswordChanged');
    const { userId, keepSessionId, replacedCredentialId } = changed?.event.data ?? expect.fail();
    const again = { userId, keepSessionId, replacedCredentialId, position: changed?.position ?? 0n };
    await world.completePasswordChange({ ...again, reason: 'password-changed' }, anonymous());
    expect((await world.checkSession(accessToken)).status).toBe('active');
    expect(world.hashes.size).toBe(1);
  });
});

describe('a change with the current password', () => {
  const deviceOf = (world: Awaited<ReturnType<typeof passwordWorld>>) =>
    world.ports.tokens.deviceId(laptop, world.userId);

  it('ends all other sessions, and a link that was sent', async () => {
    const world = await passwordWorld();
    const other = await world.logIn();
    const own = await world.logIn();
    const token = await world.askForLink();
    const { sessionId } = own.session;
    const request = { userId: world.userId, sessionId, deviceId: deviceOf(world), ip };
    await world.changePassword({ ...request, currentPassword: password, password: chosen }, anonymous());
    expect((await world.checkSession(own.accessToken)).status).toBe('active');
    expect(await codeOf(world.checkSession(other.accessToken))).toBe('session-revoked');
    expect(await codeOf(world.resetPassword({ token, password: another }, anonymous()))).toBe('reset-token-used');
    expect(await codeOf(world.startLogin(password))).toBe('invalid-credentials');
  });

  it('counts a wrong password like a login, until even the right one is refused', async () => {
    const failures: string[] = [];
    const loginLimit = {
      blockedFor: () => Promise.resolve(0),
      countFailure: (from: string) => Promise.resolve(void failures.push(from)),
    };
    const world = await passwordWorld({ loginLimit });
    const { session } = await world.logIn();
    const request = { userId: world.userId, sessionId: session.sessionId, deviceId: deviceOf(world), ip };
    const attempt = (currentPassword: string) =>
      world.changePassword({ ...request, currentPassword, password: chosen }, anonymous());
    for (let tries = 0; tries < 10; tries++) expect(await codeOf(attempt('wrong'))).toBe('current-password-wrong');
    expect(failures).toEqual(Array.from({ length: 10 }, () => ip));
    expect(world.events('DeviceLoginLocked')).toHaveLength(1);
    expect(await codeOf(attempt(password))).toBe('current-password-wrong');
    expect(world.events('PasswordChanged')).toEqual([]);
  });

  it('is not tried from an address with too many failures', async () => {
    const loginLimit = { blockedFor: () => Promise.resolve(60), countFailure: () => Promise.resolve() };
    const world = await passwordWorld({ loginLimit });
    const request = { userId: world.userId, sessionId: 's', deviceId: 'd', ip, currentPassword: password };
    expect(await codeOf(world.changePassword({ ...request, password: chosen }, anonymous()))).toBe('too-many-attempts');
  });
});

describe('a change that is demanded', () => {
  it('ends the sessions, the logins under way and the links at once', async () => {
    const world = await passwordWorld();
    const { accessToken } = await world.logIn();
    const token = await world.askForLink();
    const { loginId, loginToken } = (await world.startLogin()).view;
    await world.forcePasswordChange({ userId: world.userId, by: null }, anonymous());
    expect(await codeOf(world.checkSession(accessToken))).toBe('session-revoked');
    expect(await codeOf(world.selectTeam(loginId, loginToken))).toBe('login-denied');
    expect(await codeOf(world.resetPassword({ token, password: chosen }, anonymous()))).toBe('reset-token-used');
  });

  it('gives a token on a trusted device, which changes the password once', async () => {
    const world = await passwordWorld();
    await world.forcePasswordChange({ userId: world.userId, by: null }, anonymous());
    const { code, details } = await refusal(world.startLogin());
    expect(code).toBe('password-change-required');
    expect(details['nextStep']).toBe('POST /v1/password/reset');
    const token = String(details['changeToken']);
    const same = await refusal(world.resetPassword({ token, password }, anonymous()));
    expect(same.details).toEqual({ reasons: 'is-current' });
    await world.resetPassword({ token, password: chosen }, anonymous());
    expect(await codeOf(world.resetPassword({ token, password: another }, anonymous()))).toBe('reset-token-used');
    expect(world.events('PasswordChanged').map(({ event }) => event.data.reason)).toEqual(['forced']);
    expect((await world.startLogin(chosen)).view.status).toBe('team-selection-required');
  });

  it('gives a stranger with the password nothing but the advice to use the mail', async () => {
    const world = await passwordWorld();
    await world.forcePasswordChange({ userId: world.userId, by: null }, anonymous());
    const { code, details } = await refusal(world.startLogin(password, stranger));
    expect({ code, details }).toEqual({
      code: 'password-change-required',
      details: { nextStep: 'POST /v1/password/forgot' },
    });
    expect(world.events('PasswordChangeOffered')).toEqual([]);
    expect(await codeOf(world.startLogin('wrong', stranger))).toBe('invalid-credentials');
  });
});

describe('asking for a link', () => {
  it('leads to the verification link for somebody who has not confirmed the address', async () => {
    const world = await passwordWorld();
    const request = { email: 'grace@example.com', password, name: 'Grace', teamName: 'COBOL', deviceToken: stranger };
    await world.submitRegistration(request, anonymous());
    const { userId } = world.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
    await world.completeRegistration({ userId }, anonymous());
    await world.requestPasswordReset({ email: request.email }, anonymous());
    const { id, event } = world.events('PasswordResetRequested')[0] ?? expect.fail();
    const asked = { userId, causedBy: id, requestedAt: event.data.at };
    await world.issuePasswordReset(asked, anonymous());
    await world.issuePasswordReset(asked, anonymous());
    expect(world.events('PasswordResetIssued')).toEqual([]);
    expect(world.events('VerificationRequested')).toHaveLength(1);
  });

  it('names nobody for an address that nobody holds, in any spelling of one that somebody does', async () => {
    const world = await passwordWorld();
    for (const address of ['nobody@example.com', email, ' ADA@Example.com']) {
      await world.requestPasswordReset({ email: address }, anonymous());
    }
    const asked = world.events('PasswordResetRequested').map(({ event }) => event.data.userId);
    expect(asked).toEqual([null, world.userId, world.userId]);
  });
});
