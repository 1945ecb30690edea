import { beforeEach, describe, expect, it } from 'vitest';
import { contextFrom } from '../../src/application/context.ts';
import type { Directory } from '../../src/application/ports.ts';
import type { Ports } from '../../src/application/use-case-ports.ts';
import { anonymous, codeOf, email, ip, password, passwordWorld, refusal, stranger } from './password-world.ts';

type World = Awaited<ReturnType<typeof passwordWorld>>;

const colleague = '01997000-0000-7000-8000-00000000c011';
const note = (text: string) => Promise.resolve(`${text}\n— signed\n`);

let world: World;
let destroyed: string[];
let invitations: string[];

beforeEach(async () => {
  destroyed = [];
  invitations = [];
  world = await personWith({});
});

/** With read models that show the streams as they are. */
async function personWith(changes: Partial<Ports>): Promise<World> {
  const made: World = await passwordWorld({
    signNote: note,
    personalData: {
      open: (recorded) => Promise.resolve(recorded),
      openFields: () => Promise.resolve({ data: null, client: null }),
      destroyKey: (subject) => Promise.resolve(void destroyed.push(subject)),
    },
    directory: {
      ...({} as Directory),
      teamsOf: (userId) => Promise.resolve(teamsOf(made, userId)),
      session: () => Promise.resolve(undefined),
      activeSessions: () => Promise.resolve([]),
      lapsedRegistrations: () => Promise.resolve([]),
      invitationsTo: () => Promise.resolve(invitations),
      erasures: () => Promise.resolve([]),
    },
    ...changes,
  });
  return made;
}

/** Membership by the events alone. */
function teamsOf({ events }: World, userId: string) {
  const of = (type: 'MemberAdded' | 'MemberJoined' | 'MemberLeft' | 'MemberRemoved') =>
    events(type).filter(({ event }) => event.data.userId === userId);
  const gone = [...of('MemberLeft'), ...of('MemberRemoved')].map(({ event }) => event.data.teamId);
  const joined = [...of('MemberAdded'), ...of('MemberJoined')].map(({ event }) => event.data);
  return joined
    .filter(({ teamId }) => !gone.includes(teamId))
    .map(({ teamId, roleId }) => ({ teamId, roleId, name: 'Analytical Engines', role: 'Owner' }));
}

const erase = (given = password) =>
  world.eraseMyself({ userId: world.userId, deviceId: 'd', password: given, ip }, anonymous());

/** Somebody else becomes an Owner too, as an accepted invitation makes them one. */
async function secondOwner(): Promise<void> {
  const { roleId } = world.events('MemberAdded')[0]?.event.data ?? expect.fail();
  const about = { teamId: world.teamId, userId: colleague, roleId, invitationId: 'i', tokenId: 't' };
  const joined = { ...about, invitedBy: world.userId, at: '2026-03-01T12:00:00.000Z' };
  const { revision } = await world.ports.eventStore.readStream(`team-${world.teamId}`);
  const event = {
    id: world.ports.newId(),
    event: { type: 'MemberJoined', data: joined } as const,
    context: anonymous(),
  };
  await world.ports.eventStore.append(`team-${world.teamId}`, [event], revision);
}

describe('erasing oneself', () => {
  it('needs the password, and a wrong one counts like one at a login', async () => {
    await secondOwner();
    expect(await codeOf(erase('not the password at all'))).toBe('current-password-wrong');
    expect(world.events('LoginFailed')).toHaveLength(1);
    expect(world.events('UserErased')).toEqual([]);
    expect(destroyed).toEqual([]);
  });

  it('is refused for the only Owner of a team, which is named, and nothing has happened', async () => {
    const refused = await refusal(erase());
    expect([refused.code, refused.details]).toEqual(['last-owner', { teams: 'Analytical Engines' }]);
    expect(world.events('ErasureRequested')).toHaveLength(1);
    expect([world.events('MemberLeft'), world.events('UserErased'), destroyed]).toEqual([[], [], []]);
    expect((await world.logIn()).session.userId).toBe(world.userId);
  });

  it('destroys the key, ends the sessions, frees the address, forgets the hash and gives a signed receipt', async () => {
    await secondOwner();
    const { accessToken, refreshToken } = await world.logIn();
    const { receipt } = await erase();
    expect(receipt).toMatchObject({ userId: world.userId, erasedAt: '2026-03-01T12:00:00.000Z' });
    expect(receipt.signed).toContain(`erasure receipt ${receipt.receiptId}\nuser ${world.userId}\n`);
    expect(destroyed).toEqual([world.userId]);
    expect(world.events('MemberLeft').map(({ event }) => event.data.userId)).toEqual([world.userId]);
    expect(await codeOf(world.checkSession(accessToken))).toBe('session-revoked');
    expect(await codeOf(world.refreshSession({ refreshToken }, anonymous()))).toBe('session-revoked');
    expect(world.events('SessionRevoked').map(({ event }) => event.data.reason)).toEqual(['account-erased']);
    expect(await codeOf(world.startLogin())).toBe('invalid-credentials');
    expect(world.events('EmailAddressReleased').map(({ event }) => event.data.reason)).toEqual(['person-erased']);
  });

  it('lets the address be registered again, as somebody new', async () => {
    await secondOwner();
    await erase();
    const again = { email, password, name: 'Ada Byron', teamName: 'Again', deviceToken: stranger };
    await world.submitRegistration(again, anonymous());
    const { userId } = world.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
    await world.completeRegistration({ userId }, anonymous());
    expect(userId).not.toBe(world.userId);
    expect(world.events('UserRegistered').map(({ event }) => event.data.userId)).toEqual([world.userId, userId]);
  });

  it('forgets the address of every invitation that went to it', async () => {
    await secondOwner();
    const issued = { teamId: world.teamId, roleId: 'r', emailHash: 'h', email, invitedBy: colleague };
    const round = (tokenId: string) => {
      const data = {
        ...issued,
        invitationId: 'i',
        tokenId,
        expiresAt: '2026-03-08T12:00:00.000Z',
        at: '2026-03-01T12:00:00.000Z',
      };
      return { id: world.ports.newId(), event: { type: 'InvitationIssued', data } as const, context: anonymous() };
    };
    await world.ports.eventStore.append('invitation-i', [round('first'), round('second')], 'no-stream');
    invitations = ['i'];
    await erase();
    expect(destroyed).toEqual(['invitation-first', 'invitation-second', world.userId]);
  });

  it('asked twice at once erases once, with one receipt', async () => {
    await secondOwner();
    const receipts = await Promise.all([1, 2].map(() => world.erasePerson({ userId: world.userId }, anonymous())));
    expect(new Set(receipts.map(({ receipt }) => receipt.receiptId)).size).toBe(1);
    expect(world.events('UserErased')).toHaveLength(1);
  });

  it('killed right after the event is completed by the reaction to it', async () => {
    await secondOwner();
    const killed = new Error('killed');
    const { eraseMyself, ports } = world;
    ports.personalData.destroyKey = () => Promise.reject(killed);
    const request = { userId: world.userId, deviceId: 'd', password, ip };
    await expect(eraseMyself(request, anonymous())).rejects.toBe(killed);
    ports.personalData.destroyKey = (subject) => Promise.resolve(void destroyed.push(subject));
    const cause = world.events('UserErased')[0] ?? expect.fail();
    for (let time = 0; time < 2; time += 1) {
      await world.completeErasure({ userId: world.userId, position: cause.position }, contextFrom(cause));
    }
    expect(destroyed).toContain(world.userId);
    expect(world.events('EmailAddressReleased')).toHaveLength(1);
  });

  it('keeps the address of the last mail until that mail has left', async () => {
    await secondOwner();
    const { receipt } = await erase();
    const erased = world.events('UserErased')[0] ?? expect.fail();
    expect(erased.event.data.email).toBe(email);
    await world.forgetErasure({ userId: world.userId });
    expect(destroyed.at(-1)).toBe(`erasure-${receipt.receiptId}`);
  });
});

describe('a backup of the vault that brought keys back', () => {
  it('loses them again: each day all erased people are erased once more, in pages', async () => {
    const everybody = Array.from({ length: 1001 }, (_none, number) => ({
      userId: `u${String(number).padStart(4, '0')}`,
      receiptId: `r${number}`,
      erasedAt: new Date(number < 1000 ? '2026-02-01T00:00:00Z' : '2026-03-01T11:00:00Z'),
    }));
    world = await personWith({});
    world.ports.directory.erasures = (after, limit) =>
      Promise.resolve(everybody.filter(({ userId }) => after === undefined || userId > after).slice(0, limit));
    await world.keepErasures({}, anonymous());
    expect(destroyed.filter((subject) => subject.startsWith('u'))).toHaveLength(1001);
    // The last mail of who was erased an hour ago may still be on its way.
    expect(destroyed.filter((subject) => subject.startsWith('erasure-'))).toHaveLength(1000);
  });
});

describe('a login that is under way', () => {
  it('goes no further once the person is erased', async () => {
    await secondOwner();
    const { view } = await world.startLogin();
    await world.erasePerson({ userId: world.userId }, anonymous());
    expect(await codeOf(world.selectTeam(view.loginId, view.loginToken))).toBe('login-denied');
    expect(world.events('SessionStarted')).toEqual([]);
  });
});
