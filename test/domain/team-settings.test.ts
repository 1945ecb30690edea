import { describe, expect, it } from 'vitest';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, roleIn } from '../../src/domain/team/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { acting, after, closed, created, founded, member, teamId } from './team-world.ts';

const given = specificationFor(team);
const mia = member('mia', 'role-m');
const dan = member('dan', 'role-d');

const rename = (by: string, name: string): TeamCommand => ({ type: 'RenameTeam', ...acting(by), name });
const renamed = (name: string): TeamEvent => ({ type: 'TeamRenamed', data: { teamId, name, at: at() } });
const policy = (by: string, idleTimeoutSeconds: number): TeamCommand => ({
  type: 'SetSessionPolicy',
  ...acting(by),
  idleTimeoutSeconds,
});
const policyChanged = (idleTimeoutSeconds: number): TeamEvent => ({
  type: 'SessionPolicyChanged',
  data: { teamId, idleTimeoutSeconds, at: at() },
});
const close = (by: string): TeamCommand => ({ type: 'CloseTeam', teamId, by, now: moment() });

describe('renaming a team', () => {
  it('gives it the new name, once', () => {
    given(...created, mia)
      .when(rename('mia', ' Lee & Sons '))
      .then(renamed('Lee & Sons'));
    given(...created, renamed('Lee & Sons'))
      .when(rename('ann', 'Lee & Sons'))
      .thenNothing();
    expect(after(...created, renamed('Lee & Sons'))).toMatchObject({ name: 'Lee & Sons' });
  });

  it('needs team.manage', () => {
    given(...created, dan)
      .when(rename('dan', 'Mine'))
      .thenRefused('permission-missing', { permission: 'team.manage' });
    given(...created)
      .when(rename('eve', 'Mine'))
      .thenRefused('team-not-found');
  });
});

describe('the session policy of a team', () => {
  it('is the installation’s until it has its own', () => {
    expect(after(...created)).toMatchObject({ idleTimeoutSeconds: null });
    given(...created, mia)
      .when(policy('mia', 900))
      .then(policyChanged(900));
    given(...created, policyChanged(900))
      .when(policy('ann', 900))
      .thenNothing();
    expect(after(...created, policyChanged(900))).toMatchObject({ idleTimeoutSeconds: 900 });
  });

  it('needs team.manage', () => {
    given(...created, dan)
      .when(policy('dan', 900))
      .thenRefused('permission-missing', { permission: 'team.manage' });
    given().when(policy('ann', 900)).thenRefused('team-not-found');
  });
});

describe('closing a team', () => {
  it('is for its Owners, and for good', () => {
    given(...created)
      .when(close('ann'))
      .then(closed);
    given(...created, mia)
      .when(close('mia'))
      .thenRefused('not-an-owner');
    given(...created)
      .when(close('eve'))
      .thenRefused('team-not-found');
    given(...created, closed)
      .when(close('ann'))
      .thenRefused('team-not-found');
  });

  it('leaves nobody in it, takes nobody in and forgets nothing', () => {
    const state = after(...created, dan, closed);
    expect(memberRole(state, 'ann')).toBeUndefined();
    expect(roleIn(state, 'role-d')).toBeUndefined();
    expect(state).toMatchObject({ status: 'closed', name: 'Lee & Co', members: { ann: 'role-o', dan: 'role-d' } });
    const invitation = { invitationId: 'i', tokenId: 'one', invitedBy: 'ann' };
    given(...created, closed)
      .when({ type: 'AddMember', teamId, userId: 'kim', roleId: 'role-d', ...invitation, now: moment() })
      .thenRefused('invitation-no-longer-valid', { reason: 'team-closed' });
    given(...created, closed)
      .when(rename('ann', 'Again'))
      .thenRefused('team-not-found');
    expect(after(...created, closed, renamed('Again'))).toEqual(after(...created, closed));
  });

  it('is nothing for the team that runs the platform', () => {
    given(...founded, member('ann', 'role-o'))
      .when(close('ann'))
      .thenRefused('platform-team-cannot-close');
  });
});

describe('founding the platform team', () => {
  const found: TeamCommand = {
    type: 'FoundPlatformTeam',
    teamId,
    name: 'Platform',
    roleIds: { owner: 'role-o', reviewer: 'role-r' },
    now: moment(),
  };
  const role = (roleId: string, name: string, kind: 'owner' | 'reviewer', grants: string[]): TeamEvent => ({
    type: 'RoleAdded',
    data: { teamId, roleId, name, kind, grants, at: at() },
  });

  it('gives it its two roles and nobody in them, once', () => {
    given()
      .when(found)
      .then(
        { type: 'PlatformTeamFounded', data: { teamId, name: 'Platform', at: at() } },
        role('role-o', 'Owner', 'owner', ['*', 'system.admin']),
        role('role-r', 'Compliance reviewer', 'reviewer', ['team.view', 'events.read']),
      );
    given(...founded)
      .when(found)
      .thenNothing();
    given(...founded)
      .when({ ...found, type: 'CreateTeam', ownerId: 'eve', roleIds: { owner: 'a', manager: 'b', developer: 'c' } })
      .thenNothing();
    expect(after(...founded)).toMatchObject({ platform: true, members: {} });
    expect(after(...created)).toMatchObject({ platform: false });
  });
});
