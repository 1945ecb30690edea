import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import { DomainError } from '../../src/domain/errors.ts';
import {
  closed,
  context,
  policyOf,
  rejoined,
  removed,
  roleIn,
  startOf,
  teamSessionWorld,
} from './team-session-world.ts';

const ada = randomUUID();
const bob = randomUUID();

let world: ReturnType<typeof teamSessionWorld>;
beforeEach(() => {
  world = teamSessionWorld();
});

async function sessionIn(teamId: string, userId = bob): Promise<string> {
  const started = await world.start(startOf(userId, teamId), context);
  return started?.session.sessionId ?? expect.fail('no session');
}
const remove = (teamId: string, userId = bob) => world.tell(streams.team(teamId), removed(teamId, userId));
const follow = (teamId: string, position = 1n) => world.follow({ userId: bob, teamId, position }, context);
const sessionEvents = () => world.events().filter(({ stream }) => stream.startsWith('sessions-'));

describe('the sessions of somebody who is out of a team', () => {
  it('go on in the team that they joined first among the others, with its role and idle timeout', async () => {
    const third = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 4);
    const first = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2);
    const second = await world.newTeam({ [ada]: 'owner', [bob]: 'manager' }, 3);
    await world.tell(streams.team(second), policyOf(second, 600));
    const sessionId = await sessionIn(first);
    const position = await remove(first);
    await follow(first, position);
    expect(world.asked).toEqual([position]);
    expect(await world.session(sessionId, bob)).toMatchObject({
      status: 'active',
      teamId: second,
      roleId: roleIn(second, 'manager'),
      idleTimeoutSeconds: 600,
    });
    expect(world.cached.get(sessionId)).toMatchObject({ teamId: second, idleTimeoutSeconds: 600 });
    expect(third).not.toBe(second);
  });

  it('end where there is no other team, and say why', async () => {
    const only = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' });
    const sessionId = await sessionIn(only);
    await follow(only, await remove(only));
    expect(await world.session(sessionId, bob)).toMatchObject({ status: 'revoked' });
    expect(sessionEvents().at(-1)?.event).toMatchObject({
      type: 'SessionRevoked',
      data: { teamId: only, reason: 'member-removed' },
    });
    expect(world.cached.get(sessionId)).toMatchObject({ status: 'revoked' });
  });

  it('do not go to a team that the read model still shows though it was left or closed', async () => {
    const [first, left, over] = await Promise.all([
      world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 1),
      world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2),
      world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 3),
    ]);
    const sessionId = await sessionIn(first);
    await remove(left);
    await world.tell(streams.team(over), closed(over));
    await follow(first, await remove(first));
    expect(await world.session(sessionId, bob)).toMatchObject({ status: 'revoked' });
  });

  it('move on when the person is removed from the next team at that very moment', async () => {
    const [first, second, third] = await Promise.all([
      world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 1),
      world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2),
      world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 3),
    ]);
    const sessionId = await sessionIn(first);
    await remove(first);
    world.during('SessionTeamSwitched', () => remove(second));
    await follow(first);
    expect(await world.session(sessionId, bob)).toMatchObject({ status: 'active', teamId: third });
  });

  it('stay when the person was taken in again meanwhile, and nothing happens twice', async () => {
    const [first, second] = [
      await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 1),
      await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2),
    ];
    const sessionId = await sessionIn(first);
    await remove(first);
    await world.tell(streams.team(first), rejoined(first, bob));
    await follow(first);
    expect(await world.session(sessionId, bob)).toMatchObject({ status: 'active', teamId: first });
    await remove(first);
    await follow(first);
    const events = sessionEvents().length;
    await follow(first);
    expect(sessionEvents()).toHaveLength(events);
    expect(await world.session(sessionId, bob)).toMatchObject({ teamId: second });
  });

  it('all leave a team that is closed, each to where its person can go', async () => {
    const team = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 1);
    const other = await world.newTeam({ [ada]: 'owner' }, 2);
    const [ofAda, ofBob] = [await sessionIn(team, ada), await sessionIn(team, bob)];
    const position = await world.tell(streams.team(team), closed(team));
    for (let round = 0; round < 2; round++) await world.closing({ teamId: team, position }, context);
    expect(await world.session(ofAda, ada)).toMatchObject({ status: 'active', teamId: other });
    expect(await world.session(ofBob, bob)).toMatchObject({ status: 'revoked' });
    const ends = sessionEvents().filter(({ event }) => event.type === 'SessionRevoked');
    expect(ends.map(({ event }) => event.data)).toMatchObject([{ userId: bob, reason: 'team-closed' }]);
  });

  it('are left alone by a closing that did not happen', async () => {
    const team = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' });
    const sessionId = await sessionIn(team);
    await world.closing({ teamId: team, position: 1n }, context);
    expect(await world.session(sessionId, bob)).toMatchObject({ status: 'active', teamId: team });
  });
});

describe('the idle timeout of a team', () => {
  it('is that of a session that starts, and the default of the installation without one', async () => {
    const plain = await world.newTeam({ [bob]: 'owner' });
    const strict = await world.newTeam({ [bob]: 'owner' });
    await world.tell(streams.team(strict), policyOf(strict, 300));
    expect(await world.session(await sessionIn(plain), bob)).toMatchObject({ idleTimeoutSeconds: 3600 });
    expect(await world.session(await sessionIn(strict), bob)).toMatchObject({ idleTimeoutSeconds: 300 });
  });

  it('reaches the running sessions, once, in the stream of each and in the fast copy', async () => {
    const team = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' });
    const [ofAda, ofBob] = [await sessionIn(team, ada), await sessionIn(team, bob)];
    const position = await world.tell(streams.team(team), policyOf(team, 900));
    for (let round = 0; round < 2; round++) await world.policy({ teamId: team, position }, context);
    expect(world.asked).toEqual([position, position]);
    expect(await world.session(ofAda, ada)).toMatchObject({ idleTimeoutSeconds: 900 });
    expect(world.cached.get(ofBob)).toMatchObject({ idleTimeoutSeconds: 900 });
    expect(sessionEvents().filter(({ event }) => event.type === 'SessionPolicyApplied')).toHaveLength(2);
  });

  it('is the newest one, whichever of two changes is followed last', async () => {
    const team = await world.newTeam({ [bob]: 'owner' });
    const sessionId = await sessionIn(team);
    await world.tell(streams.team(team), policyOf(team, 900));
    world.during('SessionPolicyApplied', () => world.tell(streams.team(team), policyOf(team, 600)));
    await world.policy({ teamId: team, position: 1n }, context);
    expect(await world.session(sessionId, bob)).toMatchObject({ idleTimeoutSeconds: 600 });
  });

  it('is taken over by a session that starts while it changes', async () => {
    const team = await world.newTeam({ [bob]: 'owner' });
    world.during('SessionStarted', () => world.tell(streams.team(team), policyOf(team, 300)));
    expect(await world.session(await sessionIn(team), bob)).toMatchObject({ idleTimeoutSeconds: 300 });
  });
});

describe('a session that starts at the moment of a removal', () => {
  it.each([
    ['removal', (team: string) => world.tell(streams.team(team), removed(team, bob)), 'member-removed'],
    ['closing', (team: string) => world.tell(streams.team(team), closed(team)), 'team-closed'],
  ] as const)('does not survive the %s', async (_what, happening, reason) => {
    const team = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' });
    const request = startOf(bob, team);
    world.during('SessionStarted', () => happening(team));
    expect(await world.start(request, context)).toBeUndefined();
    expect(await world.session(request.sessionId, bob)).toMatchObject({ status: 'revoked' });
    expect(sessionEvents().at(-1)?.event).toMatchObject({ type: 'SessionRevoked', data: { reason } });
  });

  it('does not start after it; one that a killed process began is ended', async () => {
    const team = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' });
    const other = await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2);
    const late = startOf(bob, team);
    const begun = startOf(bob, team);
    await world.start(begun, context);
    const elsewhere = startOf(bob, other);
    await world.start(elsewhere, context);
    await remove(team);
    expect(await world.start(late, context)).toBeUndefined();
    expect(await world.session(late.sessionId, bob)).toBeUndefined();
    expect(await world.start(begun, context)).toBeUndefined();
    expect(await world.session(begun.sessionId, bob)).toMatchObject({ status: 'revoked' });
    expect(await world.session(elsewhere.sessionId, bob)).toMatchObject({ status: 'active' });
  });

  it('is left where it has gone since when its start is asked for again', async () => {
    const [team, other] = [
      await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 1),
      await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2),
    ];
    const request = startOf(bob, team);
    await world.start(request, context);
    await world.switchTo({ userId: bob, sessionId: request.sessionId, teamId: other }, context);
    expect(await world.start(request, context)).toMatchObject({ session: { teamId: other } });
    await remove(team);
    await world.start(request, context);
    expect(await world.session(request.sessionId, bob)).toMatchObject({ status: 'active', teamId: other });
  });
});

describe('switching to a team', () => {
  it('takes its idle timeout', async () => {
    const [team, strict] = [await world.newTeam({ [bob]: 'owner' }, 1), await world.newTeam({ [bob]: 'owner' }, 2)];
    await world.tell(streams.team(strict), policyOf(strict, 300));
    const sessionId = await sessionIn(team);
    await world.switchTo({ userId: bob, sessionId, teamId: strict }, context);
    expect(world.cached.get(sessionId)).toMatchObject({ teamId: strict, idleTimeoutSeconds: 300 });
  });

  it('at the moment of being removed from it leads elsewhere, and is refused', async () => {
    const [team, other] = [
      await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 1),
      await world.newTeam({ [ada]: 'owner', [bob]: 'developer' }, 2),
    ];
    const sessionId = await sessionIn(team);
    world.during('SessionTeamSwitched', () => remove(other));
    const refused = world.switchTo({ userId: bob, sessionId, teamId: other }, context);
    await expect(refused).rejects.toEqual(new DomainError('team-not-found'));
    expect(await world.session(sessionId, bob)).toMatchObject({ status: 'active', teamId: team });
  });
});
