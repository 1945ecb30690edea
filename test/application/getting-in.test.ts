import { describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import { team } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole } from '../../src/domain/team/state.ts';
import { anonymous, codeOf, email, laptop, password, passwordWorld } from './password-world.ts';

type World = Awaited<ReturnType<typeof passwordWorld>>;

/** Somebody else who asked for an account; the link is what their mail has. */
async function register(world: World, address: string) {
  const request = { email: address, password, name: 'Grace Hopper', teamName: 'Compilers', deviceToken: 'phone' };
  await world.submitRegistration(request, anonymous());
  const { userId, teamId } = world.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
  await world.completeRegistration({ userId }, anonymous());
  const { tokens } = world.ports;
  const link = tokens.issue('verification', [userId, tokens.derivedId(userId, 'first verification')]);
  return { userId, teamId, verify: () => world.verifyEmail({ token: link, deviceToken: undefined }, anonymous()) };
}

const logIn = (world: World, address: string, given: string, deviceToken = laptop) =>
  world.startLogin(given, deviceToken, address);

describe('a registration', () => {
  it('makes its team and its Owner when the address is verified, not before', async () => {
    const world = await passwordWorld();
    const { userId, teamId, verify } = await register(world, 'grace@example.com');
    const roleInTeam = async () => {
      const { events } = await world.ports.eventStore.readStream(streams.team(teamId));
      const state = events.map(({ event }) => event as TeamEvent).reduce(team.evolve, team.initialState);
      return memberRole(state, userId)?.kind;
    };
    expect((await world.ports.eventStore.readStream(streams.team(teamId))).revision).toBe('no-stream');
    await verify();
    expect(await roleInTeam()).toBe('owner');
  });
});

describe('a login', () => {
  it('that fails is an event, for known addresses and for unknown ones', async () => {
    const world = await passwordWorld();
    await register(world, 'grace@example.com');
    for (const address of [email, 'nobody@example.com']) {
      expect(await codeOf(logIn(world, address, 'not the password at all', 'a'))).toBe('invalid-credentials');
    }
    expect(await codeOf(logIn(world, 'grace@example.com', password))).toBe('email-not-verified');
    expect(world.events('LoginFailed').map(({ event }) => event.data.reason)).toEqual([
      'wrong-password',
      'email-not-verified',
    ]);
    const unknown = world.events('UnknownLoginFailed');
    expect(unknown.map(({ event }) => event.data.emailHash)).toEqual([
      world.ports.tokens.emailHash('nobody@example.com'),
    ]);
    expect(JSON.stringify(unknown.map(({ event }) => event))).not.toContain('nobody@');
  });

  it('needs a code on a device that somebody else trusts', async () => {
    const world = await passwordWorld();
    await (await register(world, 'grace@example.com')).verify();
    const statusOf = async (address: string) => (await logIn(world, address, password, laptop)).view.status;
    expect(await statusOf(email)).toBe('team-selection-required');
    expect(await statusOf('grace@example.com')).toBe('device-approval-required');
  });

  it('supersedes the session before only when it is complete', async () => {
    const world = await passwordWorld({ sessionSettings: { maxSessions: 1, idleTimeoutSeconds: 3600 } });
    const { accessToken } = await world.logIn();
    const { view } = await world.startLogin();
    expect(view.status).toBe('team-selection-required');
    expect((await world.checkSession(accessToken)).status).toBe('active');
    await world.selectTeam(view.loginId, view.loginToken);
    expect(await codeOf(world.checkSession(accessToken))).toBe('session-superseded');
  });
});
