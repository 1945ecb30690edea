import { describe, expect, it } from 'vitest';
import { invitationObstacle, mayInviteInto } from '../../src/domain/team/add-member.ts';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import { defaultRoles } from '../../src/domain/team/default-roles.ts';
import type { RoleKind, TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, type Role, type TeamState } from '../../src/domain/team/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(team);
const teamId = 'team-1';
const roleIds = { owner: 'role-o', manager: 'role-m', developer: 'role-d' };
const created = team.decide(
  { type: 'CreateTeam', teamId, name: 'Lee & Co', ownerId: 'ann', roleIds, now: moment() },
  team.initialState,
);
const member = (userId: string, roleId: string): TeamEvent => ({
  type: 'MemberAdded',
  data: { teamId, userId, roleId, at: at() },
});
const custom = (roleId: string, ...grants: string[]): TeamEvent => ({
  type: 'RoleAdded',
  data: { teamId, roleId, name: roleId, kind: 'custom', grants, at: at() },
});
const invited = { teamId, invitationId: 'invitation-1', tokenId: 'one', invitedBy: 'ann' };
const add = (more: Partial<Extract<TeamCommand, { type: 'AddMember' }>> = {}): TeamCommand => ({
  type: 'AddMember',
  ...invited,
  userId: 'bob',
  roleId: 'role-d',
  now: moment(),
  ...more,
});
const joined = (userId = 'bob', roleId = 'role-d'): TeamEvent => ({
  type: 'MemberJoined',
  data: { ...invited, userId, roleId, at: at() },
});
const after = (...events: TeamEvent[]): TeamState => [...created, ...events].reduce(team.evolve, team.initialState);

describe('taking in who was invited', () => {
  it('gives the role, once for one acceptance', () => {
    given(...created)
      .when(add())
      .then(joined());
    given(...created, joined())
      .when(add())
      .thenNothing();
    expect(memberRole(after(joined()), 'bob')).toMatchObject({ name: 'Developer' });
  });

  it('leaves a member the role that they have', () => {
    given(...created, member('bob', 'role-m'))
      .when(add())
      .thenNothing();
  });

  it('is refused when what the invitation rests on is gone', () => {
    const refusedFor = (reason: string) => ['invitation-no-longer-valid', { reason }] as const;
    given()
      .when(add())
      .thenRefused(...refusedFor('team-closed'));
    given(...created)
      .when(add({ roleId: 'role-x' }))
      .thenRefused(...refusedFor('role-retired'));
    given(...created)
      .when(add({ invitedBy: 'eve' }))
      .thenRefused(...refusedFor('inviter-lacks-rights'));
    given(...created, member('ann', 'role-d'))
      .when(add())
      .thenRefused(...refusedFor('inviter-lacks-rights'));
  });

  it('does not ask again once it is done: nobody is taken in or out by a repeated step', () => {
    given(...created, joined(), member('ann', 'role-d'))
      .when(add())
      .thenNothing();
    given(...created, joined(), member('bob', 'role-m'))
      .when(add())
      .thenNothing();
  });

  it('lets a role that was retired in the state go', () => {
    const state = after();
    if (state.status !== 'open') return expect.fail('the team is there');
    const roles = Object.fromEntries(Object.entries(state.roles).filter(([roleId]) => roleId !== 'role-d'));
    expect(invitationObstacle({ ...state, roles }, { invitedBy: 'ann', roleId: 'role-d' })).toBe('role-retired');
    expect(invitationObstacle(state, { invitedBy: 'ann', roleId: 'role-d' })).toBeUndefined();
    expect(invitationObstacle(state, { invitedBy: 'ann', roleId: 'constructor' })).toBe('role-retired');
  });
});

describe('inviting into a role', () => {
  const role = (kind: RoleKind, grants: readonly string[]): Role => ({ roleId: kind, name: kind, kind, grants });
  const of = (kind: RoleKind) => role(kind, defaultRoles.find((known) => known.kind === kind)?.grants ?? []);

  it('needs the right to invite, and everything that the role holds', () => {
    expect(mayInviteInto(of('owner'), of('owner'))).toBe(true);
    expect(mayInviteInto(of('manager'), of('owner'))).toBe(false);
    expect(mayInviteInto(of('manager'), of('manager'))).toBe(true);
    expect(mayInviteInto(of('manager'), of('developer'))).toBe(true);
    expect(mayInviteInto(of('manager'), role('custom', ['billing.manage']))).toBe(false);
    expect(mayInviteInto(of('developer'), of('developer'))).toBe(false);
    expect(mayInviteInto(role('custom', ['*']), of('owner'))).toBe(false);
  });

  it('is looked up in the team as it stands', () => {
    const state = after(
      custom('hiring', 'team.invite', 'site.*'),
      custom('sites', 'site.create'),
      member('eve', 'hiring'),
    );
    expect(invitationObstacle(state, { invitedBy: 'eve', roleId: 'sites' })).toBeUndefined();
    expect(invitationObstacle(state, { invitedBy: 'eve', roleId: 'role-d' })).toBe('inviter-lacks-rights');
  });
});
