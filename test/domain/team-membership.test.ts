import { describe, expect, it } from 'vitest';
import { team, type TeamCommand } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, ownersOf } from '../../src/domain/team/state.ts';
import { specificationFor } from '../support/given.ts';
import { at } from './moments.ts';
import { acting, after, closed, created, custom, founded, member, roleChanged, teamId } from './team-world.ts';

const given = specificationFor(team);
const mia = member('mia', 'role-m');
const dan = member('dan', 'role-d');
const odo = member('odo', 'role-o');
const books = custom('books', 'billing.manage');

const change = (by: string, userId: string, roleId: string): TeamCommand => ({
  type: 'ChangeMember',
  ...acting(by),
  userId,
  roleId,
});
const remove = (by: string, userId: string): TeamCommand => ({ type: 'RemoveMember', ...acting(by), userId });
const removed = (userId: string, roleId: string): TeamEvent => ({
  type: 'MemberRemoved',
  data: { teamId, userId, roleId, at: at() },
});
const leave = (by: string): TeamCommand => {
  const { now } = acting(by);
  return { type: 'LeaveTeam', teamId, by, now };
};
const left = (userId: string, roleId: string): TeamEvent => ({
  type: 'MemberLeft',
  data: { teamId, userId, roleId, at: at() },
});
const transfer = (by: string, toUserId: string): TeamCommand => {
  const { now } = acting(by);
  return { type: 'TransferOwnership', teamId, by, toUserId, now };
};
const transferred = (from: string, to: string, fromRoleId: string, formerOwnerRoleId = 'role-m'): TeamEvent => ({
  type: 'OwnershipTransferred',
  data: { teamId, fromUserId: from, toUserId: to, fromRoleId, ownerRoleId: 'role-o', formerOwnerRoleId, at: at() },
});

describe('giving a member another role', () => {
  it('takes effect, once', () => {
    given(...created, mia, dan)
      .when(change('mia', 'dan', 'role-m'))
      .then(roleChanged('dan', 'role-d', 'role-m'));
    given(...created, mia, dan, roleChanged('dan', 'role-d', 'role-m'))
      .when(change('mia', 'dan', 'role-m'))
      .thenNothing();
    const state = after(...created, dan, roleChanged('dan', 'role-d', 'role-m'));
    expect(memberRole(state, 'dan')).toMatchObject({ name: 'Manager' });
  });

  it('needs user.manage, a member, and a role of the team', () => {
    given(...created, mia, dan)
      .when(change('dan', 'mia', 'role-d'))
      .thenRefused('permission-missing', { permission: 'user.manage' });
    given(...created)
      .when(change('eve', 'ann', 'role-d'))
      .thenRefused('team-not-found');
    for (const userId of ['eve', 'constructor', '__proto__']) {
      given(...created)
        .when(change('ann', userId, 'role-d'))
        .thenRefused('member-not-found');
    }
    for (const roleId of ['role-x', 'constructor']) {
      given(...created, dan)
        .when(change('ann', 'dan', roleId))
        .thenRefused('role-not-found');
    }
  });

  it('gives nothing, and takes nothing, that one does not hold', () => {
    given(...created, books, mia, dan)
      .when(change('mia', 'dan', 'books'))
      .thenRefused('permission-missing', { permission: 'billing.manage' });
    given(...created, books, mia, member('kim', 'books'))
      .when(change('mia', 'kim', 'role-d'))
      .thenRefused('permission-missing', { permission: 'billing.manage' });
    given(...created, custom('helper', 'user.manage'), member('pat', 'helper'))
      .when(change('pat', 'pat', 'role-d'))
      .thenRefused('permission-missing', { permission: 'team.view' });
  });

  it('leaves it to Owners who is an Owner, and who holds everything', () => {
    const almighty = custom('almighty', '*');
    const pat = member('pat', 'almighty');
    for (const by of ['mia', 'pat']) {
      const past = [...created, almighty, pat, mia, dan, odo];
      given(...past)
        .when(change(by, 'dan', 'role-o'))
        .thenRefused('not-an-owner');
      given(...past)
        .when(change(by, 'odo', 'role-d'))
        .thenRefused('not-an-owner');
    }
    given(...created, almighty, pat, dan)
      .when(change('pat', 'dan', 'almighty'))
      .thenRefused('not-an-owner');
    given(...created, dan)
      .when(change('ann', 'dan', 'role-o'))
      .then(roleChanged('dan', 'role-d', 'role-o'));
    given(...created, odo)
      .when(change('ann', 'odo', 'role-d'))
      .then(roleChanged('odo', 'role-o', 'role-d'));
  });

  it('leaves a team at least one Owner', () => {
    given(...created, dan)
      .when(change('ann', 'ann', 'role-m'))
      .thenRefused('last-owner');
    given(...created, odo)
      .when(change('ann', 'ann', 'role-m'))
      .then(roleChanged('ann', 'role-o', 'role-m'));
    given(...created)
      .when(change('ann', 'ann', 'role-o'))
      .thenNothing();
  });
});

describe('removing a member', () => {
  it('leaves them no role; an invitation that they accepted before does not bring them back', () => {
    given(...created, mia, dan)
      .when(remove('mia', 'dan'))
      .then(removed('dan', 'role-d'));
    expect(memberRole(after(...created, dan, removed('dan', 'role-d')), 'dan')).toBeUndefined();
    const invited = { teamId, roleId: 'role-d', invitationId: 'i', tokenId: 'one', invitedBy: 'ann', userId: 'dan' };
    const joined: TeamEvent = { type: 'MemberJoined', data: { ...invited, at: at() } };
    given(...created, joined, removed('dan', 'role-d'))
      .when({ type: 'AddMember', ...invited, now: acting('ann').now })
      .thenNothing();
    given(...created, joined, removed('dan', 'role-d'))
      .when({ type: 'AddMember', ...invited, tokenId: 'two', now: acting('ann').now })
      .then({ type: 'MemberJoined', data: { ...invited, tokenId: 'two', at: at() } });
  });

  it('needs user.manage, a member, and everything that their role holds', () => {
    given(...created, mia, dan)
      .when(remove('dan', 'mia'))
      .thenRefused('permission-missing', { permission: 'user.manage' });
    given(...created)
      .when(remove('eve', 'ann'))
      .thenRefused('team-not-found');
    given(...created, dan, removed('dan', 'role-d'))
      .when(remove('ann', 'dan'))
      .thenRefused('member-not-found');
    given(...created, books, mia, member('kim', 'books'))
      .when(remove('mia', 'kim'))
      .thenRefused('permission-missing', { permission: 'billing.manage' });
    given(...created, mia, odo)
      .when(remove('mia', 'odo'))
      .thenRefused('not-an-owner');
    given(...created, odo)
      .when(remove('ann', 'odo'))
      .then(removed('odo', 'role-o'));
  });

  it('leaves a team at least one Owner', () => {
    given(...created, dan)
      .when(remove('ann', 'ann'))
      .thenRefused('last-owner');
  });

  it('gives who was removed no say any more', () => {
    given(...created, mia, dan, removed('mia', 'role-m'))
      .when(remove('mia', 'dan'))
      .thenRefused('team-not-found');
  });
});

describe('leaving a team', () => {
  it('is open to everybody but the last Owner', () => {
    given(...created, dan)
      .when(leave('dan'))
      .then(left('dan', 'role-d'));
    given(...created, odo)
      .when(leave('ann'))
      .then(left('ann', 'role-o'));
    given(...created, dan, mia)
      .when(leave('ann'))
      .thenRefused('last-owner');
    expect(ownersOf(asOpen(after(...created, odo, left('ann', 'role-o'))))).toEqual(['odo']);
  });

  it('is nothing that somebody else can do, or do twice', () => {
    for (const past of [[], created, [...created, dan, left('dan', 'role-d')], [...created, dan, closed]]) {
      given(...past)
        .when(leave('dan'))
        .thenRefused('team-not-found');
    }
  });
});

describe('transferring a team', () => {
  it('makes another member the Owner, and the former one a Manager', () => {
    given(...created, dan)
      .when(transfer('ann', 'dan'))
      .then(transferred('ann', 'dan', 'role-d'));
    const state = after(...created, dan, transferred('ann', 'dan', 'role-d'));
    expect(memberRole(state, 'dan')).toMatchObject({ kind: 'owner' });
    expect(memberRole(state, 'ann')).toMatchObject({ kind: 'manager' });
  });

  it('works between two Owners too, and is nothing to oneself', () => {
    given(...created, odo)
      .when(transfer('ann', 'odo'))
      .then(transferred('ann', 'odo', 'role-o'));
    given(...created)
      .when(transfer('ann', 'ann'))
      .thenNothing();
  });

  it('makes a reviewer of the former Owner of the platform team', () => {
    given(...founded, member('ann', 'role-o'), member('rob', 'role-r'))
      .when(transfer('ann', 'rob'))
      .then(transferred('ann', 'rob', 'role-r', 'role-r'));
  });

  it('is for Owners, to members', () => {
    given(...created, mia, dan)
      .when(transfer('mia', 'dan'))
      .thenRefused('not-an-owner');
    given(...created, custom('almighty', '*'), member('pat', 'almighty'))
      .when(transfer('pat', 'pat'))
      .thenRefused('not-an-owner');
    given(...created)
      .when(transfer('ann', 'eve'))
      .thenRefused('member-not-found');
    given(...created)
      .when(transfer('eve', 'ann'))
      .thenRefused('team-not-found');
    given(...created, dan, transferred('ann', 'dan', 'role-d'))
      .when(transfer('ann', 'dan'))
      .thenRefused('not-an-owner');
  });
});

function asOpen(state: ReturnType<typeof after>) {
  if (state.status !== 'open') throw new Error('the team is open');
  return state;
}
