import { beforeEach, describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import { memberRole } from '../../src/domain/team/state.ts';
import { context, invitationWorld, password, refusalOf } from './invitation-world.ts';

type World = ReturnType<typeof invitationWorld>;
let w: World;
let owner: Awaited<ReturnType<World['person']>>;
let invitationId: string;
const email = 'bob@example.com';

beforeEach(async () => {
  w = invitationWorld();
  owner = await w.person('ann@example.com');
});

async function invite(kind = 'developer', by = owner.userId, address = email): Promise<string> {
  const request = { teamId: owner.teamId, userId: by, email: address, roleId: owner.roleOf(kind) };
  ({ invitationId } = await w.useCases.inviteMember(request, context()));
  return w.link();
}

const roleIn = async (userId: string) => memberRole(await w.stateOf(owner.teamId), userId)?.kind;
const invitationEvents = async () => (await w.ofStream(streams.invitation(invitationId))).map(({ type }) => type);
const revoke = () =>
  w.useCases.revokeInvitation({ teamId: owner.teamId, invitationId, userId: owner.userId }, context());
/** From here on the Owner who invited is a Developer. */
const demote = () =>
  w.tell(streams.team(owner.teamId), {
    type: 'MemberAdded',
    data: {
      teamId: owner.teamId,
      userId: owner.userId,
      roleId: owner.roleOf('developer'),
      at: w.world.now.toISOString(),
    },
  });
/** Runs once, right before an event of this type is appended. */
function justBefore(type: string, run: () => Promise<unknown>): void {
  let done = false;
  w.world.before = async (_stream, events) => {
    if (done || !events.some((event) => event.type === type)) return;
    done = true;
    await run();
  };
}
/** The process dies right after the event of this type. */
function dieAfter(type: string): void {
  let seen = false;
  w.world.before = (_stream, events) => {
    if (seen) return Promise.reject(new Error('the process is gone'));
    seen = events.some((event) => event.type === type);
    return Promise.resolve();
  };
}
const revive = () => {
  w.world.before = () => Promise.resolve();
};

describe('the rights of the inviter', () => {
  it('are looked at when the invitation is accepted, and using nothing up', async () => {
    const token = await invite();
    await demote();
    const refusal = { code: 'invitation-no-longer-valid', reason: 'inviter-lacks-rights' };
    expect(await refusalOf(w.acceptNew(token))).toEqual(refusal);
    expect(await refusalOf(w.useCases.previewInvitation({ token }))).toEqual(refusal);
    expect(await invitationEvents()).toEqual(['InvitationIssued']);
    expect(w.types()).not.toContain('InvitedRegistrationSubmitted');
  });

  it('are looked at by the team once more: the reason is recorded and told, and stands', async () => {
    const token = await invite();
    justBefore('InvitationAccepted', demote);
    const refusal = { code: 'invitation-no-longer-valid', reason: 'inviter-lacks-rights' };
    expect(await refusalOf(w.acceptNew(token))).toEqual(refusal);
    expect(await invitationEvents()).toEqual(['InvitationIssued', 'InvitationAccepted', 'InvitationAcceptanceFailed']);
    expect(await refusalOf(w.acceptNew(token))).toEqual(refusal);
    const tokenId = w.ports.tokens.read('invitation', token)?.ids[1] ?? '';
    const repeated = await w.useCases.completeAcceptance({ invitationId, tokenId }, context());
    expect(repeated).toEqual({ kind: 'failed', reason: 'inviter-lacks-rights' });
    expect(w.types()).not.toContain('MemberJoined');
  });

  it('do not reach beyond their own role, whoever they invite', async () => {
    const managing = await w.acceptNew(await invite('manager'));
    const asManager = (kind: string) => invite(kind, managing.userId, 'carl@example.com');
    expect(await refusalOf(asManager('owner'))).toEqual({ code: 'permission-missing', permission: '*' });
    expect(await refusalOf(asManager('manager'))).toEqual({ code: 'none' });
    expect(await refusalOf(invite('developer', 'nobody'))).toEqual({ code: 'team-not-found' });
  });
});

describe('a role', () => {
  it('that the team does not have any more cannot be had by a link from before', async () => {
    await invite();
    const [issued] = await w.ofStream(streams.invitation(invitationId));
    if (issued?.type !== 'InvitationIssued') return expect.fail('nobody is invited');
    await w.tell(streams.invitation(invitationId), { ...issued, data: { ...issued.data, roleId: 'a role that was' } });
    expect(await refusalOf(w.acceptNew(w.link()))).toEqual({
      code: 'invitation-no-longer-valid',
      reason: 'role-retired',
    });
    expect(
      await refusalOf(
        w.useCases.inviteMember(
          { teamId: owner.teamId, userId: owner.userId, email, roleId: 'a role that was' },
          context(),
        ),
      ),
    ).toEqual({ code: 'role-not-found' });
  });
});

describe('a role that is retired while an invitation to it is accepted', () => {
  it('is not given to anybody: the acceptance fails, and says why', async () => {
    const stream = streams.team(owner.teamId);
    const [roleId, at] = ['painter', w.world.now.toISOString()];
    const role = { teamId: owner.teamId, roleId, name: 'Painter', kind: 'custom', grants: ['site.edit'], at } as const;
    await w.tell(stream, { type: 'RoleAdded', data: role });
    const request = { teamId: owner.teamId, userId: owner.userId, email, roleId };
    ({ invitationId } = await w.useCases.inviteMember(request, context()));
    justBefore('MemberJoined', () =>
      w.tell(stream, { type: 'RoleRetired', data: { teamId: owner.teamId, roleId, at } }),
    );
    expect(await refusalOf(w.acceptNew(w.link()))).toEqual({
      code: 'invitation-no-longer-valid',
      reason: 'role-retired',
    });
    expect(await invitationEvents()).toEqual(['InvitationIssued', 'InvitationAccepted', 'InvitationAcceptanceFailed']);
    expect(w.types()).toContain('RoleRetired');
    expect(w.types()).not.toContain('MemberJoined');
  });
});

describe('accepting and revoking at once', () => {
  it('is decided by the invitation: revoked first, nothing of the person is left', async () => {
    const token = await invite();
    justBefore('InvitationAccepted', revoke);
    expect(await refusalOf(w.acceptNew(token))).toEqual({ code: 'invitation-revoked' });
    expect(await invitationEvents()).toEqual(['InvitationIssued', 'InvitationRevoked']);
    expect(w.hashes.size).toBe(1);
    expect(w.destroyed).toHaveLength(1);
    expect(w.types().filter((type) => type === 'EmailAddressReleased')).toHaveLength(1);

    expect((await w.acceptNew(await invite())).roleName).toBe('Developer');
  });

  it('accepted first, the other is told', async () => {
    const token = await invite();
    let accepted: Awaited<ReturnType<typeof w.acceptNew>> | undefined;
    justBefore('InvitationRevoked', async () => (accepted = await w.acceptNew(token)));
    expect(await refusalOf(revoke())).toEqual({ code: 'invitation-used' });
    expect(await roleIn(accepted?.userId ?? '')).toBe('developer');
  });
});

describe('two who use one link', () => {
  it('get one account, with the password of the first', async () => {
    const token = await invite();
    let second: object | undefined;
    justBefore('InvitationAccepted', async () => {
      second = await refusalOf(w.acceptNew(token, { password: 'another river, another bridge' }));
    });
    const first = await w.acceptNew(token);
    expect(second).toEqual({ code: 'invitation-used' });
    expect(await refusalOf(w.acceptNew(token))).toEqual({ code: 'invitation-used' });
    const mine = [...w.hashes.values()].filter(({ userId }) => userId === first.userId);
    expect(mine.map(({ hash }) => hash.hash)).toEqual([password]);
    expect(w.types().filter((type) => type === 'MemberJoined')).toHaveLength(1);
  });
});

describe('an address that somebody has registered', () => {
  it('goes to whoever has the link, while it is not verified', async () => {
    const squatter = await w.pending(email);
    const token = await invite();
    const { userId } = await w.acceptNew(token);
    expect(userId).not.toBe(squatter.userId);
    expect(w.destroyed).toEqual([squatter.userId]);
    expect(await refusalOf(squatter.verify())).toEqual({ code: 'verification-token-invalid' });
    const held = (await w.ofStream(streams.emailAddress(w.ports.tokens.emailHash(email)))).map(({ type }) => type);
    expect(held.slice(1)).toEqual(['EmailAddressReleased', 'EmailAddressReserved', 'EmailAddressConfirmed']);
  });

  it('stays with them when they verify it in the same moment; the link is still good', async () => {
    const registered = await w.pending(email);
    const token = await invite();
    justBefore('RegistrationLapsed', registered.verify);
    expect(await refusalOf(w.acceptNew(token))).toEqual({ code: 'sign-in-to-accept' });
    expect(await invitationEvents()).toEqual(['InvitationIssued']);
    const accepted = await w.useCases.acceptAsUser({ token, userId: registered.userId }, context());
    expect(accepted).toMatchObject({ teamId: owner.teamId, roleName: 'Developer' });
    expect(await roleIn(registered.userId)).toBe('developer');
  });

  it('is asked to sign in once it is verified, and no other account is taken', async () => {
    const known = await w.person(email);
    const stranger = await w.person('eve@example.com');
    const token = await invite();
    expect(await w.useCases.previewInvitation({ token })).toMatchObject({
      hasAccount: true,
      maskedEmail: 'b***@example.com',
    });
    expect(await refusalOf(w.acceptNew(token))).toEqual({ code: 'sign-in-to-accept' });
    const asUser = ({ userId }: { userId: string }) => w.useCases.acceptAsUser({ token, userId }, context());
    expect(await refusalOf(asUser(stranger))).toEqual({ code: 'invitation-for-another-address' });
    expect((await asUser(known)).userId).toBe(known.userId);
    expect(await refusalOf(asUser(known))).toEqual({ code: 'invitation-used' });
  });
});

describe('a process that dies on the way', () => {
  it.each([
    'InvitedRegistrationSubmitted',
    'EmailAddressReserved',
    'InvitationAccepted',
    'EmailAddressConfirmed',
    'InvitedUserRegistered',
    'DeviceApproved',
  ])('after %s is finished by what follows from the events', async (type) => {
    const token = await invite();
    dieAfter(type);
    await expect(w.acceptNew(token)).rejects.toThrow('the process is gone');
    revive();
    // Long after too: the link was good when it was used.
    w.world.now = new Date(w.world.now.getTime() + 8 * 86_400_000);
    const userId = w.ports.tokens.derivedId(w.ports.tokens.read('invitation', token)?.ids[1] ?? '', 'invited person 1');
    const tokenId = w.ports.tokens.read('invitation', token)?.ids[1] ?? '';
    for (let times = 0; times < 2; times++) {
      await w.useCases.completeInvitedRegistration({ userId }, context());
      await w.useCases.completeAcceptance({ invitationId, tokenId }, context());
    }
    expect(await roleIn(userId)).toBe('developer');
    for (const once of ['InvitedUserRegistered', 'InvitationAccepted', 'MemberJoined']) {
      expect(w.types().filter((known) => known === once)).toHaveLength(1);
    }
    expect((await w.ofStream(streams.devices(userId))).map(({ type: known }) => known)).toEqual(['DeviceApproved']);
  });
});

describe('a member', () => {
  it('who accepts another invitation keeps the role, and is told', async () => {
    const { userId } = await w.acceptNew(await invite('manager'));
    const token = await invite('developer');
    expect(await refusalOf(w.useCases.acceptAsUser({ token, userId }, context()))).toEqual({ code: 'already-member' });
    expect(await roleIn(userId)).toBe('manager');
    expect(await refusalOf(w.useCases.acceptAsUser({ token, userId }, context()))).toEqual({ code: 'already-member' });
  });
});

describe('an invitation of another team', () => {
  it('is not there for somebody who may invite in their own', async () => {
    await invite();
    const other = await w.person('eve@example.com');
    const request = { teamId: other.teamId, invitationId, userId: other.userId };
    expect(await refusalOf(w.useCases.revokeInvitation(request, context()))).toEqual({ code: 'invitation-not-found' });
    expect(await refusalOf(w.useCases.resendInvitation(request, context()))).toEqual({ code: 'invitation-not-found' });
  });
});
