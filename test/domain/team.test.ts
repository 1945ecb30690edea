import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole } from '../../src/domain/team/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expectNothingTwice } from './properties.ts';

const given = specificationFor(team);
const teamId = 'team-1';
const create = {
  type: 'CreateTeam',
  teamId,
  name: 'Lee & Co',
  ownerId: 'ann',
  roleIds: { owner: 'role-o', manager: 'role-m', developer: 'role-d' },
  now: moment(),
} satisfies TeamCommand;
const created: TeamEvent[] = [
  { type: 'TeamCreated', data: { teamId, name: 'Lee & Co', createdBy: 'ann', at: at() } },
  { type: 'RoleAdded', data: { teamId, roleId: 'role-o', name: 'Owner', kind: 'owner', grants: ['*'], at: at() } },
  {
    type: 'RoleAdded',
    data: {
      teamId,
      roleId: 'role-m',
      name: 'Manager',
      kind: 'manager',
      grants: ['team.*', 'site.*', 'env.*', 'backup.*', 'server.*', 'user.manage', 'events.read'],
      at: at(),
    },
  },
  {
    type: 'RoleAdded',
    data: {
      teamId,
      roleId: 'role-d',
      name: 'Developer',
      kind: 'developer',
      grants: ['team.view', 'site.create', 'site.edit', 'env.create', 'env.deploy', 'backup.create'],
      at: at(),
    },
  },
  { type: 'MemberAdded', data: { teamId, userId: 'ann', roleId: 'role-o', at: at() } },
];
const after = (...events: TeamEvent[]) => events.reduce(team.evolve, team.initialState);

describe('creating a team', () => {
  it('gives it its three roles and an Owner', () => {
    given()
      .when(create)
      .then(...created);
  });

  it('happens once', () => {
    given(...created)
      .when(create)
      .thenNothing();
    given(...created)
      .when({ ...create, name: 'Another', ownerId: 'bob' })
      .thenNothing();
  });
});

describe('the role of a member', () => {
  it('is the one that was given last', () => {
    const bob: TeamEvent = { type: 'MemberAdded', data: { teamId, userId: 'bob', roleId: 'role-d', at: at() } };
    expect(memberRole(after(...created), 'ann')).toMatchObject({ roleId: 'role-o', name: 'Owner', grants: ['*'] });
    expect(memberRole(after(...created, bob), 'bob')).toMatchObject({ roleId: 'role-d', name: 'Developer' });
  });

  it('is none for somebody else, whatever their name', () => {
    expect(memberRole(after(...created), 'bob')).toBeUndefined();
    expect(memberRole(after(...created), 'constructor')).toBeUndefined();
    expect(memberRole(after(), 'ann')).toBeUndefined();
    const bob: TeamEvent = { type: 'MemberAdded', data: { teamId, userId: 'bob', roleId: 'toString', at: at() } };
    expect(memberRole(after(...created, bob), 'bob')).toBeUndefined();
  });
});

describe('any history of a team', () => {
  it('is not changed by creating it twice', () => {
    expectNothingTwice(team, fc.constant([create]));
  });

  it('has an Owner from its first append on, whoever creates it', () => {
    fc.assert(
      fc.property(fc.string(), fc.uniqueArray(fc.string(), { minLength: 3, maxLength: 3 }), (ownerId, roleIds) => {
        const [owner = '', manager = '', developer = ''] = roleIds;
        const events = team.decide({ ...create, ownerId, roleIds: { owner, manager, developer } }, team.initialState);
        expect(memberRole(after(...events), ownerId)).toMatchObject({ kind: 'owner', grants: ['*'] });
      }),
    );
  });
});
