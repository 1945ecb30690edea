import { describe, expect, it } from 'vitest';
import { invitationObstacle } from '../../src/domain/team/add-member.ts';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { isGranted } from '../../src/domain/permissions.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(team);
const teamId = 'platform';
const found: TeamCommand = {
  ...{ type: 'FoundPlatformTeam', teamId, name: 'Platform' },
  ...{ roleIds: { owner: 'owner', reviewer: 'reviewer' }, now: moment() },
};
const founded = team.decide(found, team.initialState);
const member = (userId: string, roleId = 'owner'): TeamEvent => ({
  type: 'MemberAdded',
  data: { teamId, userId, roleId, at: at() },
});
const appoint = (userId: string, barredOwners: string[] = []): TeamCommand => ({
  ...{ type: 'AppointPlatformOwner', teamId, userId, barredOwners },
  now: moment(),
});
const otherTeam = team.decide(
  {
    ...{ type: 'CreateTeam', teamId: 'other', name: 'Lee', ownerId: 'ann' },
    ...{ roleIds: { owner: 'owner', manager: 'manager', developer: 'developer' }, now: moment() },
  },
  team.initialState,
);
const stateOf = (events: readonly TeamEvent[]) => events.reduce(team.evolve, team.initialState);

describe('the platform team', () => {
  it('begins with nobody in it, and is founded once', () => {
    given(...founded)
      .when(found)
      .thenNothing();
    expect(founded.some(({ type }) => type === 'MemberAdded')).toBe(false);
    expect(stateOf(founded)).toMatchObject({ status: 'open', platform: true });
    expect(stateOf(otherTeam)).toMatchObject({ status: 'open', platform: false });
  });

  it('has the right over the whole platform in its Owner role alone', () => {
    const state = stateOf(founded);
    const grants =
      state.status === 'open' ? Object.values(state.roles).map((role) => [role.kind, role.grants] as const) : [];
    expect(grants.map(([kind, held]) => [kind, isGranted(held, 'system.admin')])).toEqual([
      ['owner', true],
      ['reviewer', false],
    ]);
  });

  it('makes somebody its Owner while it has none', () => {
    given(...founded)
      .when(appoint('ann'))
      .then(member('ann'));
    given(...founded, member('bob', 'reviewer'))
      .when(appoint('bob'))
      .then(member('bob'));
    given(...founded, member('bob'))
      .when(appoint('ann'))
      .thenNothing();
    given(...founded, member('ann'))
      .when(appoint('ann', ['ann']))
      .thenNothing();
  });

  it('does not count Owners whose accounts give no way in', () => {
    given(...founded, member('bob'))
      .when(appoint('ann', ['bob']))
      .then(member('ann'));
    given(...founded, member('bob'), member('eve'))
      .when(appoint('ann', ['bob']))
      .thenNothing();
  });

  it('is no way into any other team', () => {
    given().when(appoint('eve')).thenNothing();
    given(...otherTeam)
      .when(appoint('eve', ['ann']))
      .thenNothing();
  });
});

describe('an invitation by the installation itself', () => {
  const join: TeamCommand = {
    ...{ type: 'AddMember', teamId, userId: 'ann', roleId: 'owner', invitationId: 'i', tokenId: 't', invitedBy: null },
    now: moment(),
  };

  it('is honoured by the platform team alone', () => {
    expect(invitationObstacle(stateOf(founded), { invitedBy: null, roleId: 'owner' })).toBeUndefined();
    expect(invitationObstacle(stateOf(otherTeam), { invitedBy: null, roleId: 'owner' })).toBe('inviter-lacks-rights');
    given(...founded)
      .when(join)
      .then({
        type: 'MemberJoined',
        data: {
          ...{ teamId, userId: 'ann', roleId: 'owner', invitationId: 'i', tokenId: 't', invitedBy: null },
          at: at(),
        },
      });
    given(...otherTeam)
      .when(join)
      .thenRefused('invitation-no-longer-valid', { reason: 'inviter-lacks-rights' });
  });
});

describe('an invitation by somebody whose account is barred', () => {
  it('rests meanwhile', () => {
    const by = { invitedBy: 'ann', roleId: 'developer' };
    expect(invitationObstacle(stateOf(otherTeam), by)).toBeUndefined();
    expect(invitationObstacle(stateOf(otherTeam), by, true)).toBe('inviter-lacks-rights');
  });
});
