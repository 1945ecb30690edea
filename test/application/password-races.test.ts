import { describe, expect, it } from 'vitest';
import { anonymous, codeOf, password, passwordWorld, plainPasswords, stranger } from './password-world.ts';

const chosen = 'seven lamps beside the harbour';

describe('a reset while a login is under way', () => {
  it('stops it at its next step, whichever that is', async () => {
    const world = await passwordWorld();
    const known = (await world.startLogin()).view;
    const fromElsewhere = (await world.startLogin(password, stranger)).view;
    await world.resetPassword({ token: await world.askForLink(), password: chosen }, anonymous());
    expect(await codeOf(world.selectTeam(known.loginId, known.loginToken))).toBe('login-denied');
    for (const step of [
      world.getLogin(fromElsewhere),
      world.approveDevice({ ...fromElsewhere, code: '000000' }, anonymous()),
      world.resendDeviceCode(fromElsewhere, anonymous()),
    ]) {
      expect(await codeOf(step)).toBe('login-denied');
    }
    const fresh = (await world.startLogin(chosen)).view;
    expect((await world.selectTeam(fresh.loginId, fresh.loginToken)).session.userId).toBe(world.userId);
  });

  it('stops it also where it comes while the password is compared', async () => {
    const plain = plainPasswords();
    let between: () => Promise<unknown> = () => Promise.resolve();
    const world = await passwordWorld({
      passwords: {
        ...plain,
        verify: async (given, stored) => {
          const matches = await plain.verify(given, stored);
          await between();
          return matches;
        },
      },
    });
    const token = await world.askForLink();
    between = () => {
      between = () => Promise.resolve();
      return world.resetPassword({ token, password: chosen }, anonymous());
    };
    const { loginId, loginToken } = (await world.startLogin()).view;
    expect(await codeOf(world.selectTeam(loginId, loginToken))).toBe('login-denied');
    expect(world.events('SessionStarted')).toEqual([]);
  });

  it('ends the session that started in the same moment, and gives no tokens for it', async () => {
    const world = await passwordWorld();
    const token = await world.askForLink();
    const { loginId, loginToken } = (await world.startLogin()).view;
    const { sessionCache } = world.ports;
    const put = sessionCache.put.bind(sessionCache);
    sessionCache.put = async (record, now) => {
      sessionCache.put = put;
      await put(record, now);
      await world.resetPassword({ token, password: chosen }, anonymous());
    };
    expect(await codeOf(world.selectTeam(loginId, loginToken))).toBe('login-denied');
    expect(world.events('SessionStarted')).toHaveLength(1);
    expect(world.events('SessionRevoked').map(({ event }) => event.data.reason)).toEqual(['password-changed']);
  });

  it('leaves no session of the old password, however the two interleave', async () => {
    for (let round = 0; round < 20; round++) {
      const world = await passwordWorld();
      const token = await world.askForLink();
      const [login] = await Promise.allSettled([
        world.logIn(),
        Array.from({ length: round }, () => Promise.resolve())
          .reduce((before, tick) => before.then(() => tick), Promise.resolve())
          .then(() => world.resetPassword({ token, password: chosen }, anonymous())),
      ]);
      if (login.status === 'fulfilled') {
        expect(await codeOf(world.checkSession(login.value.accessToken))).toBe('session-revoked');
      }
      const ended = new Set(world.events('SessionRevoked').map(({ event }) => event.data.sessionId));
      expect(world.events('SessionStarted').every(({ event }) => ended.has(event.data.sessionId))).toBe(true);
    }
  });
});
