import { describe, expect, it } from 'vitest';
import { isGranted } from '../../src/domain/permissions.ts';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole } from '../../src/domain/team/state.ts';
import { specificationFor } from '../support/given.ts';
import { at } from './moments.ts';
import { acting, after, catalogue, closed, created, custom, founded, member, teamId } from './team-world.ts';

const given = specificationFor(team);
const mia = member('mia', 'role-m');
const dan = member('dan', 'role-d');

const add = (by: string, grants: string[], more: { name?: string; roleId?: string } = {}): TeamCommand => ({
  type: 'AddRole',
  ...acting(by),
  roleId: 'deployer',
  name: 'Deployer',
  grants,
  ...more,
});
const added = (name: string, ...grants: string[]): TeamEvent => ({
  type: 'RoleAdded',
  data: { teamId, roleId: 'deployer', name, kind: 'custom', grants, at: at() },
});
const change = (by: string, roleId: string, more: { name?: string; grants?: string[] }): TeamCommand => ({
  type: 'ChangeRole',
  ...acting(by),
  roleId,
  ...more,
});
const changed = (roleId: string, name: string, ...grants: string[]): TeamEvent => ({
  type: 'RoleChanged',
  data: { teamId, roleId, name, grants, at: at() },
});
const retired = (roleId: string): TeamEvent => ({ type: 'RoleRetired', data: { teamId, roleId, at: at() } });

describe('adding a role', () => {
  it('gives it what it is to hold, each grant once and the name without blanks around it', () => {
    given(...created)
      .when(add('ann', ['env.deploy', 'site.*', 'env.deploy'], { name: '  Deployer ' }))
      .then(added('Deployer', 'env.deploy', 'site.*'));
    given(...created)
      .when(add('ann', []))
      .then(added('Deployer'));
  });

  it('happens once', () => {
    given(...created, added('Deployer', 'env.deploy'))
      .when(add('ann', ['env.deploy']))
      .thenNothing();
  });

  it('needs team.manage, and a team that one is in', () => {
    given(...created, dan)
      .when(add('dan', []))
      .thenRefused('permission-missing', { permission: 'team.manage' });
    for (const past of [[], created, [...created, closed]]) {
      given(...past)
        .when(add(past.includes(closed) ? 'ann' : 'eve', []))
        .thenRefused('team-not-found');
    }
  });

  it('gives nothing that the giver does not hold', () => {
    given(...created, mia)
      .when(add('mia', ['site.*', 'server.manage', 'events.read']))
      .then(added('Deployer', 'site.*', 'server.manage', 'events.read'));
    for (const permission of ['billing.manage', 'billing.*', 'user.*', '*']) {
      given(...created, mia)
        .when(add('mia', ['site.create', permission]))
        .thenRefused('permission-missing', { permission });
    }
  });

  it('leaves everything to Owners, also where another role holds it', () => {
    given(...created)
      .when(add('ann', ['*']))
      .then(added('Deployer', '*'));
    given(...created, custom('almighty', '*'), member('pat', 'almighty'))
      .when(add('pat', ['*']))
      .thenRefused('not-an-owner');
    given(...created, custom('almighty', '*'), member('pat', 'almighty'))
      .when(add('pat', ['billing.manage']))
      .then(added('Deployer', 'billing.manage'));
  });

  it('takes permissions and categories of the catalogue only', () => {
    for (const permission of ['site.paint', 'paint.*', 'site', 'site.', '.*', '', 'sit.*', 'system.*', '**']) {
      given(...created)
        .when(add('ann', ['site.create', permission]))
        .thenRefused('unknown-permission', { permission });
    }
  });

  it('gives the right over the platform in the platform team alone, by somebody who holds it', () => {
    given(...created)
      .when(add('ann', ['system.admin']))
      .thenRefused('permission-missing', { permission: 'system.admin' });
    given(...founded, member('ann', 'role-o'))
      .when(add('ann', ['system.admin']))
      .then(added('Deployer', 'system.admin'));
    given(...founded, custom('almighty', '*'), member('pat', 'almighty'))
      .when(add('pat', ['system.admin']))
      .thenRefused('permission-missing', { permission: 'system.admin' });
  });

  it('wants a name that no other role of the team has, however it is written', () => {
    for (const name of ['Owner', 'owner', ' DEVELOPER ', 'Ｏｗｎｅｒ']) {
      given(...created)
        .when(add('ann', [], { name }))
        .thenRefused('role-name-taken');
    }
    given(...created, custom('Painter'), retired('Painter'))
      .when(add('ann', [], { name: 'painter' }))
      .then(added('painter'));
    for (const name of ['', '   ', 'x'.repeat(61)]) {
      given(...created)
        .when(add('ann', [], { name }))
        .thenFails();
    }
  });

  it('ends at a hundred', () => {
    const roles = Array.from({ length: 97 }, (_, n) => custom(`role ${String(n)}`));
    given(...created, ...roles)
      .when(add('ann', []))
      .thenRefused('too-many-roles', { limit: 100 });
    given(...created, ...roles.slice(1))
      .when(add('ann', []))
      .then(added('Deployer'));
    given(...created, ...roles, retired('role 0'))
      .when(add('ann', []))
      .then(added('Deployer'));
  });
});

describe('changing a role', () => {
  const painter = custom('painter', 'site.edit');

  it('gives it another name, other grants, or both; what is not said stays', () => {
    given(...created, painter)
      .when(change('ann', 'painter', { name: 'Artist' }))
      .then(changed('painter', 'Artist', 'site.edit'));
    given(...created, painter)
      .when(change('ann', 'painter', { grants: ['site.*'] }))
      .then(changed('painter', 'painter', 'site.*'));
    given(...created, painter)
      .when(change('ann', 'painter', { name: 'PAINTER', grants: [] }))
      .then(changed('painter', 'PAINTER'));
  });

  it('is nothing where nothing changes', () => {
    for (const more of [{}, { name: ' painter ' }, { grants: ['site.edit'] }, { grants: ['site.edit', 'site.edit'] }]) {
      given(...created, painter)
        .when(change('ann', 'painter', more))
        .thenNothing();
    }
  });

  it('holds for those who have it', () => {
    const state = after(...created, painter, member('pat', 'painter'), changed('painter', 'Artist', 'env.deploy'));
    expect(memberRole(state, 'pat')).toEqual({
      roleId: 'painter',
      name: 'Artist',
      kind: 'custom',
      grants: ['env.deploy'],
    });
  });

  it('leaves the roles alone that every team has', () => {
    for (const roleId of ['role-o', 'role-m', 'role-d']) {
      given(...created)
        .when(change('ann', roleId, { name: 'Boss' }))
        .thenRefused('role-not-editable');
    }
    given(...founded, member('ann', 'role-o'))
      .when(change('ann', 'role-r', { grants: [] }))
      .thenRefused('role-not-editable');
  });

  it('needs team.manage and a role that is there', () => {
    given(...created, painter, dan)
      .when(change('dan', 'painter', { name: 'Artist' }))
      .thenRefused('permission-missing', { permission: 'team.manage' });
    for (const roleId of ['nothing', 'constructor']) {
      given(...created)
        .when(change('ann', roleId, { name: 'Artist' }))
        .thenRefused('role-not-found');
    }
    given(...created, painter, retired('painter'))
      .when(change('ann', 'painter', { name: 'Artist' }))
      .thenRefused('role-not-found');
    given(...created, painter)
      .when(change('eve', 'painter', { name: 'Artist' }))
      .thenRefused('team-not-found');
    given(...created, painter)
      .when(change('ann', 'painter', { name: 'manager' }))
      .thenRefused('role-name-taken');
  });

  it('gives nobody more than whoever changes it holds, themselves neither', () => {
    const lead = custom('lead', 'team.manage', 'site.create');
    given(...created, lead, member('pat', 'lead'))
      .when(change('pat', 'lead', { grants: ['team.manage', 'site.create', 'billing.manage'] }))
      .thenRefused('permission-missing', { permission: 'billing.manage' });
    given(...created, lead, member('pat', 'lead'))
      .when(change('pat', 'lead', { grants: ['team.manage', 'site.*'] }))
      .thenRefused('permission-missing', { permission: 'site.*' });
    given(...created, lead, member('pat', 'lead'))
      .when(change('pat', 'lead', { grants: ['team.manage', 'site.paint'] }))
      .thenRefused('unknown-permission', { permission: 'site.paint' });
    given(...created, lead, member('pat', 'lead'))
      .when(change('pat', 'lead', { grants: ['team.manage'] }))
      .then(changed('lead', 'lead', 'team.manage'));
  });

  it('is not for those who lack what the role holds already', () => {
    for (const more of [{ name: 'Bookkeeper' }, { grants: [] }]) {
      given(...created, custom('books', 'billing.manage'), mia)
        .when(change('mia', 'books', more))
        .thenRefused('permission-missing', { permission: 'billing.manage' });
      given(...created, custom('almighty', '*'), custom('other', '*'), member('pat', 'almighty'))
        .when(change('pat', 'other', more))
        .thenRefused('not-an-owner');
    }
  });
});

describe('a permission that left the catalogue', () => {
  const without = (permission: string) => catalogue.filter((known) => known !== permission);

  it('gives nobody a right over the team any more', () => {
    given(...created, mia)
      .when({ ...add('mia', []), catalogue: without('team.manage') } as TeamCommand)
      .thenRefused('permission-missing', { permission: 'team.manage' });
  });

  it('cannot be granted, and a role that holds it can still be changed', () => {
    given(...created, custom('deploy', 'env.deploy'))
      .when({ ...change('ann', 'deploy', { grants: ['env.deploy'] }), catalogue: without('env.deploy') } as TeamCommand)
      .thenRefused('unknown-permission', { permission: 'env.deploy' });
    given(...created, custom('deploy', 'env.deploy'))
      .when({ ...change('ann', 'deploy', { name: 'Ship' }), catalogue: without('env.deploy') } as TeamCommand)
      .then(changed('deploy', 'Ship', 'env.deploy'));
    given(...created, custom('deploy', 'env.deploy'))
      .when({ ...change('ann', 'deploy', { grants: [] }), catalogue: without('env.deploy') } as TeamCommand)
      .then(changed('deploy', 'deploy'));
  });

  it('is in force for holders of its category from the moment it is added', () => {
    const mialike = memberRole(after(...created, mia), 'mia');
    expect(isGranted(mialike?.grants ?? [], 'env.rename')).toBe(true);
    given(...created, mia)
      .when({ ...add('mia', ['env.rename']), catalogue: [...catalogue, 'env.rename'] } as TeamCommand)
      .then(added('Deployer', 'env.rename'));
  });
});
