import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { platformTeamId } from '../../src/application/platform/platform-team-id.ts';
import { findPlatformOwners } from '../../src/application/platform/find-platform-owners.ts';
import { streams } from '../../src/application/streams.ts';
import { useCases } from '../../src/application/use-cases.ts';
import type { Administrator } from '../../src/application/users/administrator.ts';
import { anonymous, codeOf, email, ip, password, passwordWorld, refusal, stranger } from './password-world.ts';

type World = Awaited<ReturnType<typeof passwordWorld>>;

const first = 'root@example.com';
const day = 86_400_000;
const bob = 'bob@example.com';

/** Somebody else who has verified an address, on the device `stranger`. */
async function register(world: World, address: string): Promise<string> {
  const person = { email: address, password, name: 'Bob', teamName: 'Works', deviceToken: stranger };
  await world.submitRegistration(person, anonymous());
  const userId = world.events('RegistrationSubmitted').at(-1)?.event.data.userId ?? '';
  await world.completeRegistration({ userId }, anonymous());
  const ids = [userId, world.ports.tokens.derivedId(userId, 'first verification')];
  await world.verifyEmail({ token: world.ports.tokens.issue('verification', ids), deviceToken: stranger }, anonymous());
  return userId;
}

/** Ada is the platform's only Owner. */
async function administered(changes: Parameters<typeof passwordWorld>[0] = {}) {
  const world = await passwordWorld({ bootstrapAdminEmail: email, ...changes });
  await world.bootstrapPlatform({ email }, anonymous());
  await world.appointAdministrator({ userId: world.userId }, anonymous());
  const administrator: Administrator = { userId: world.userId, teamId: platformTeamId(world.ports.tokens) };
  const bobId = await register(world, bob);
  const service = useCases(world.ports);
  const bobLogin = async (given = password) => {
    const about = { remember: false, transport: 'bearer' as const, deviceToken: stranger, ip };
    return (await service.startLogin({ email: bob, password: given, ...about }, anonymous())).view;
  };
  const { teamId } = world.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
  const select = ({ loginId, loginToken }: { loginId: string; loginToken: string }) =>
    service.selectTeam({ loginId, loginToken, teamId }, anonymous());
  return { world, administrator, bobId, bobTeam: teamId, bobLogin, select };
}

/** Makes somebody a second Owner of the platform team. */
async function secondOwner({ ports, ...world }: World, userId: string, teamId: string): Promise<Administrator> {
  const { roleId } =
    world.events('RoleAdded').find(({ event: { data } }) => data.teamId === teamId && data.kind === 'owner')?.event
      .data ?? expect.fail();
  const event = { type: 'MemberAdded', data: { teamId, userId, roleId, at: ports.clock().toISOString() } } as const;
  await ports.eventStore.append(streams.team(teamId), [{ id: randomUUID(), event, context: anonymous() }], 'any');
  return { userId, teamId };
}

describe('founding the platform', () => {
  it('invites whoever is named, once, also by several processes at once', async () => {
    const world = await passwordWorld();
    const outcomes = await Promise.all([1, 2, 3].map(() => world.bootstrapPlatform({ email: first }, anonymous())));
    expect([...outcomes].sort()).toEqual(['invited', 'invited-before', 'invited-before']);
    expect(world.events('PlatformTeamFounded')).toHaveLength(1);
    expect(world.events('InvitationIssued').map(({ event }) => event.data.invitedBy)).toEqual([null]);
  });

  it('invites again when nobody came, and nobody once there is an Owner', async () => {
    const world = await passwordWorld({ bootstrapAdminEmail: email });
    await world.bootstrapPlatform({ email: first }, anonymous());
    world.later(7 * day);
    expect(await world.bootstrapPlatform({ email: first }, anonymous())).toBe('invited');
    await world.appointAdministrator({ userId: world.userId }, anonymous());
    world.later(7 * day);
    expect(await world.bootstrapPlatform({ email: 'other@example.com' }, anonymous())).toBe('has-owner');
    expect(world.events('InvitationIssued')).toHaveLength(2);
  });

  it('shows the installation as the inviter, and takes the person in', async () => {
    const world = await passwordWorld();
    await world.bootstrapPlatform({ email: first }, anonymous());
    const { invitationId, tokenId } = world.events('InvitationIssued')[0]?.event.data ?? expect.fail();
    const token = world.ports.tokens.issue('invitation', [invitationId, tokenId]);
    expect(await world.previewInvitation({ token })).toMatchObject({
      ...{ teamName: 'Platform', roleName: 'Owner', inviterName: 'MBPanel', maskedEmail: 'r***@example.com' },
    });
    const person = { token, name: 'Grace', password, deviceToken: stranger };
    const { userId, teamId } = await world.acceptAsNewPerson(person, anonymous());
    const asking = { userId, teamId, permission: 'system.admin' };
    await expect(world.requirePlatformPermission(asking)).resolves.toBeUndefined();
    expect(await world.bootstrapPlatform({ email: first }, anonymous())).toBe('has-owner');
  });

  it('makes nobody its Owner who has another address, or comes when there is one', async () => {
    const { world, bobId } = await administered();
    await world.appointAdministrator({ userId: bobId }, anonymous());
    expect(world.events('MemberAdded').filter(({ event }) => event.data.userId === bobId)).toHaveLength(1);
    const unnamed = await passwordWorld();
    await unnamed.bootstrapPlatform({ email }, anonymous());
    await unnamed.appointAdministrator({ userId: unnamed.userId }, anonymous());
    expect(unnamed.events('MemberAdded')).toHaveLength(1);
  });
});

describe('the right over the platform', () => {
  it('is that of a session in the platform team', async () => {
    const { world, administrator, bobId } = await administered();
    const lacking = { code: 'permission-missing', details: { permission: 'system.admin' } };
    for (const asked of [
      { userId: world.userId, teamId: world.teamId },
      { userId: bobId, teamId: administrator.teamId },
      { userId: bobId, teamId: randomUUID() },
    ]) {
      expect(await refusal(world.lockUser({ administrator: asked, userId: bobId }, anonymous()))).toMatchObject(
        lacking,
      );
    }
    expect(world.events('UserLocked')).toEqual([]);
  });
});

describe('a locked account', () => {
  it('answers like a wrong password, ends sessions and logins under way, and opens again', async () => {
    const { world, administrator, bobId, bobLogin, select } = await administered();
    const under = await bobLogin();
    const grant = await select(await bobLogin());
    await world.lockUser({ administrator, userId: bobId }, anonymous());

    expect(await codeOf(world.checkSession(grant.accessToken))).toBe('session-revoked');
    expect(await codeOf(world.refreshSession({ refreshToken: grant.refreshToken }, anonymous()))).toBe(
      'session-revoked',
    );
    expect(await codeOf(select(under))).toBe('login-denied');
    expect(await codeOf(bobLogin())).toBe('invalid-credentials');
    expect(await codeOf(bobLogin('another long enough one'))).toBe('invalid-credentials');
    expect(world.events('SessionRevoked').map(({ event }) => event.data.reason)).toEqual(['account-locked']);

    await world.unlockUser({ administrator, userId: bobId }, anonymous());
    expect((await bobLogin()).status).toBe('team-selection-required');
    expect(await codeOf(select(under))).toBe('login-denied');
  });
});

describe('a login that is completed at the moment of the lock', () => {
  it.each(Array.from({ length: 25 }, (_, n) => n * 4))('leaves no session behind (%i turns later)', async (turns) => {
    const { world, administrator, bobId, bobLogin, select } = await administered();
    const begun = await bobLogin();
    const later = async () => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      return world.lockUser({ administrator, userId: bobId }, anonymous());
    };
    const [selected, locked] = await Promise.allSettled([select(begun), later()]);
    expect(locked.status).toBe('fulfilled');
    const ofBob = (type: 'SessionStarted' | 'SessionRevoked') =>
      world.events(type).flatMap(({ event: { data } }) => (data.userId === bobId ? [data.sessionId] : []));
    expect(ofBob('SessionRevoked')).toEqual(ofBob('SessionStarted'));
    if (selected.status === 'fulfilled') {
      expect(await codeOf(world.checkSession(selected.value.accessToken))).toBe('session-revoked');
    }
    await world.completeLogin({ loginId: begun.loginId, userId: bobId }, anonymous());
    expect(ofBob('SessionRevoked')).toEqual(ofBob('SessionStarted'));
  });
});

describe('a deactivated account', () => {
  it('says so to whoever knows the password, has no reset, and its invitations rest', async () => {
    const { world, administrator, bobId, bobTeam: teamId, bobLogin } = await administered();
    const added = world
      .events('RoleAdded')
      .find(({ event: { data } }) => data.teamId === teamId && data.kind === 'developer');
    const invite = { teamId, userId: bobId, email: 'guest@example.com', roleId: added?.event.data.roleId ?? '' };
    await world.seedPermissions([{ permission: 'team.invite', description: '' }], anonymous());
    await world.inviteMember(invite, anonymous());
    const { invitationId, tokenId } = world.events('InvitationIssued').at(-1)?.event.data ?? expect.fail();
    const token = world.ports.tokens.issue('invitation', [invitationId, tokenId]);

    await world.deactivateUser({ administrator, userId: bobId }, anonymous());
    expect(await codeOf(bobLogin())).toBe('account-deactivated');
    expect(await codeOf(bobLogin('another long enough one'))).toBe('invalid-credentials');
    const asked = { userId: bobId, causedBy: randomUUID(), requestedAt: new Date(8.64e15).toISOString() };
    await world.issuePasswordReset(asked, anonymous());
    expect(world.events('PasswordResetIssued')).toEqual([]);
    expect(await refusal(world.previewInvitation({ token }))).toMatchObject({
      ...{ code: 'invitation-no-longer-valid', details: { reason: 'inviter-lacks-rights' } },
    });

    await world.reactivateUser({ administrator, userId: bobId }, anonymous());
    expect((await bobLogin()).status).toBe('team-selection-required');
    expect((await world.previewInvitation({ token })).roleName).toBe('Developer');
  });
});

describe('the last administrator', () => {
  it('is shut out by nobody, and nobody shuts out themselves', async () => {
    const { world, administrator } = await administered();
    const themselves = { administrator, userId: administrator.userId };
    expect(await codeOf(world.lockUser(themselves, anonymous()))).toBe('last-administrator');
    expect(await codeOf(world.deactivateUser(themselves, anonymous()))).toBe('last-administrator');
  });

  it('stays, where two shut out one another at once', async () => {
    const { world, administrator, bobId } = await administered();
    const owner = await secondOwner(world, bobId, administrator.teamId);
    const outcomes = await Promise.allSettled([
      world.lockUser({ administrator, userId: bobId }, anonymous()),
      world.lockUser({ administrator: owner, userId: administrator.userId }, anonymous()),
    ]);
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    expect((await findPlatformOwners(world.ports)()).active).not.toEqual([]);
  });

  it('who is barred all the same does not keep out the one whom the installation names', async () => {
    const { world, administrator, bobId } = await administered();
    const owner = await secondOwner(world, bobId, administrator.teamId);
    await world.deactivateUser({ administrator: owner, userId: administrator.userId }, anonymous());
    expect(await world.bootstrapPlatform({ email: first }, anonymous())).toBe('has-owner');
  });
});
