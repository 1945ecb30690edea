import { describe, expect, it } from 'vitest';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, roleIn } from '../../src/domain/team/state.ts';
import { specificationFor } from '../support/given.ts';
import { at } from './moments.ts';
import { acting, after, created, custom, member, roleChanged, teamId } from './team-world.ts';

const given = specificationFor(team);
const mia = member('mia', 'role-m');
const dan = member('dan', 'role-d');

const retire = (by: string, roleId: string, reassignTo?: string): TeamCommand => ({
  type: 'RetireRole',
  ...acting(by),
  roleId,
  reassignTo,
});
const retired = (roleId: string): TeamEvent => ({ type: 'RoleRetired', data: { teamId, roleId, at: at() } });

describe('retiring a role', () => {
  const painter = custom('painter', 'site.edit');
  const pat = member('pat', 'painter');
  const kim = member('kim', 'painter');

  it('is done at once where nobody has it', () => {
    given(...created, painter)
      .when(retire('ann', 'painter'))
      .then(retired('painter'));
    expect(roleIn(after(...created, painter, retired('painter')), 'painter')).toBeUndefined();
  });

  it('waits for another role where somebody has it, who gets that in the same step', () => {
    given(...created, painter, pat, kim)
      .when(retire('ann', 'painter'))
      .thenRefused('role-in-use', { members: 2 });
    const events = [
      roleChanged('pat', 'painter', 'role-d', 'role-retired'),
      roleChanged('kim', 'painter', 'role-d', 'role-retired'),
      retired('painter'),
    ];
    given(...created, painter, pat, kim, dan)
      .when(retire('ann', 'painter', 'role-d'))
      .then(...events);
    const state = after(...created, painter, pat, kim, ...events);
    expect(memberRole(state, 'pat')).toMatchObject({ name: 'Developer' });
    expect(memberRole(state, 'kim')).toMatchObject({ name: 'Developer' });
  });

  it('gives nobody more than whoever retires it holds', () => {
    given(...created, painter, pat, mia)
      .when(retire('mia', 'painter', 'role-o'))
      .thenRefused('not-an-owner');
    given(...created, painter, pat, mia, custom('books', 'billing.manage'))
      .when(retire('mia', 'painter', 'books'))
      .thenRefused('permission-missing', { permission: 'billing.manage' });
    given(...created, custom('lead', 'team.manage'), member('pat', 'lead'))
      .when(retire('pat', 'lead', 'role-m'))
      .thenRefused('permission-missing', { permission: 'team.*' });
    given(...created, painter, pat)
      .when(retire('ann', 'painter', 'role-o'))
      .then(roleChanged('pat', 'painter', 'role-o', 'role-retired'), retired('painter'));
  });

  it('is refused for roles that every team has, are not there, or hold what one lacks', () => {
    for (const roleId of ['role-o', 'role-m', 'role-d']) {
      given(...created)
        .when(retire('ann', roleId, 'role-d'))
        .thenRefused('role-not-editable');
    }
    for (const reassignTo of ['painter', 'nothing', '__proto__']) {
      given(...created, painter, pat)
        .when(retire('ann', 'painter', reassignTo))
        .thenRefused('role-not-found');
    }
    given(...created, painter, retired('painter'))
      .when(retire('ann', 'painter'))
      .thenRefused('role-not-found');
    given(...created, custom('books', 'billing.manage'), mia)
      .when(retire('mia', 'books'))
      .thenRefused('permission-missing', { permission: 'billing.manage' });
    given(...created, painter, dan)
      .when(retire('dan', 'painter'))
      .thenRefused('permission-missing', { permission: 'team.manage' });
    given(...created, painter)
      .when(retire('eve', 'painter'))
      .thenRefused('team-not-found');
  });

  it('is done in one append: with more members than fit, they are given other roles first', () => {
    const crowd = (size: number) => Array.from({ length: size }, (_, n) => member(`p${String(n)}`, 'painter'));
    given(...created, painter, ...crowd(501))
      .when(retire('ann', 'painter', 'role-d'))
      .thenRefused('role-in-use', { members: 501, atOnce: 500 });
    const state = after(...created, painter, ...crowd(500));
    expect(team.decide(retire('ann', 'painter', 'role-d'), state)).toHaveLength(501);
  });
});
