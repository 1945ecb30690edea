import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, startInviting, type Inviting } from './inviting.ts';
import { call, logIn, type Answer, type Grant, eventually } from './journey.ts';
import { expectProblem, person, positionIn } from './steps.ts';

let world: Inviting;
let bob: string;
let joinedAt: string;
let beforeBob: string;

type Entry = Record<string, unknown> & {
  eventId: string;
  type: string;
  position: string;
  data: Record<string, unknown>;
};

const itemsOf = ({ status, body }: Answer) => {
  expect(status, JSON.stringify(body)).toBe(200);
  return body['items'] as Entry[];
};
const audit = (path: string, { accessToken }: Grant = world.ownerGrant, headers = {}) =>
  call(world.owner, 'GET', `/v1/audit/${path}`, { bearer: accessToken, headers });
const after = (position: string) => ({ 'read-after': position });

beforeAll(async () => {
  world = await startInviting();
  const email = world.newAddress();
  await world.invited(email, 'Developer');
  const guest = { ...world.stack.client(), ip: '203.0.113.99' };
  const accepted = await accept(guest, await world.linkTo(email), {
    name: 'Bob Guest',
    password: 'a river under the old bridge',
  });
  joinedAt = positionIn(accepted);
  await logIn(guest, email);
  const { teamId } = world.ownerGrant.session;
  const [joined] = itemsOf(await audit(`events?team=${teamId}&type=MemberJoined`, world.ownerGrant, after(joinedAt)));
  bob = String(joined?.data['userId']);
  beforeBob = String(Number(joined?.position) - 1);
});
afterAll(() => world.stop());

describe('the history', () => {
  it('is searched by several types and by the address of the client', async () => {
    const { teamId } = world.ownerGrant.session;
    const both = itemsOf(await audit(`events?type=RoleAdded,MemberJoined&type=TeamCreated&team=${teamId}`));
    expect([...new Set(both.map(({ type }) => type))].sort()).toEqual(['MemberJoined', 'RoleAdded', 'TeamCreated']);
    const joined = both.find(({ type }) => type === 'MemberJoined');
    expect(joined?.['summary']).toBe('Bob Guest joined team Bridge Works by invitation of Ada Example');

    // Who was seen where is noted behind the append.
    const fromThere = await eventually(async () => {
      const found = itemsOf(await audit('events?ip=203.0.113.99'));
      expect(found.map(({ type }) => type)).toContain('LoginCompleted');
      return found;
    });
    expect(new Set(fromThere.map(({ ip }) => ip))).toEqual(new Set(['203.0.113.99']));
    expect(itemsOf(await audit('events?ip=203.0.113.98'))).toEqual([]);
    expectProblem(await audit('events?ip=nowhere'), 400, 'invalid-request');
  });

  it('shows of one event why it came about, what followed, and what it changed', async () => {
    const [joined] = itemsOf(await audit('events?type=MemberJoined'));
    const { status, body } = await audit(`events/${joined?.eventId ?? ''}`);
    expect(status).toBe(200);
    const types = (name: string) => (body[name] as Entry[]).map(({ type }) => type);
    expect((body['event'] as Entry).type).toBe('MemberJoined');
    // The request itself makes somebody a member, or a worker that was first: because of the acceptance either way.
    expect([...types('causes'), ...types('sameRequest')]).toContain('InvitationAccepted');
    expect(body['changes']).toContainEqual({ path: `/members/${bob}`, after: world.roles.Developer });

    // A worker makes this of the registration, always: the one is the cause of the other.
    const [registered] = itemsOf(await audit(`events?type=UserRegistered&subject=${world.ownerGrant.session.userId}`));
    const made = await audit(`events/${registered?.eventId ?? ''}`);
    const [submitted] = made.body['causes'] as Entry[];
    expect(submitted?.type).toBe('RegistrationSubmitted');
    const began = await audit(`events/${submitted?.eventId ?? ''}`);
    expect((began.body['consequences'] as Entry[]).map(({ type }) => type)).toContain('UserRegistered');
  });

  it('tells the state of a team as it was, and who could do what by which events', async () => {
    const { teamId, userId } = world.ownerGrant.session;
    const now = await audit(`streams/team-${teamId}/state`);
    expect(now.body['state']).toMatchObject({ members: { [userId]: world.roles.Owner, [bob]: world.roles.Developer } });
    const then = await audit(`streams/team-${teamId}/state?position=${beforeBob}`);
    expect(Object.keys((then.body['state'] as { members: object }).members)).toEqual([userId]);
    expectProblem(
      await audit(`streams/team-${teamId}/state?position=1&at=2026-01-01T00:00:00Z`),
      400,
      'invalid-request',
    );

    const [joined] = itemsOf(await audit('events?type=MemberJoined'));
    const deployers = itemsOf(await audit(`access?team=${teamId}&permission=env.deploy`));
    const names = (items: Entry[]) => items.map(({ name, roleName }) => [name, roleName]).toSorted();
    expect(names(deployers)).toEqual([
      ['Ada Example', 'Owner'],
      ['Bob Guest', 'Developer'],
    ]);
    const his = deployers.find((access) => access['userId'] === bob);
    expect(his?.['because']).toContain(joined?.eventId);
    expect(his?.['permissions']).not.toContain('env.delete');
    expect(names(itemsOf(await audit(`access?team=${teamId}&position=${beforeBob}`)))).toEqual([
      ['Ada Example', 'Owner'],
    ]);
    const diff = await audit(`access/diff?team=${teamId}&from=${beforeBob}&to=${joined?.position ?? ''}`);
    expect(diff.body).toMatchObject({ gained: [{ userId: bob, events: [joined?.eventId] }], lost: [], changed: [] });
  });

  it('records each read before it is answered, and shows it', async () => {
    const { teamId, userId } = world.ownerGrant.session;
    await audit(`access?team=${teamId}&permission=team.view`);
    const recorded = (await world.log.ofType('AuditRead')).at(-1);
    expect(recorded?.data).toMatchObject({ readBy: userId, teamId, what: 'access', count: 2 });
    expect(recorded?.data['filter']).toEqual({ team: teamId, permission: 'team.view', limit: '50' });
    const reads = itemsOf(await audit(`events?type=AuditRead&actor=${userId}`));
    expect(reads[0]?.['summary']).toMatch(/^Ada Example read the history: /);
    expect(JSON.stringify((await world.log.ofType('AuditRead')).map(({ data }) => data))).not.toContain('203.0.113.99');
  });

  it('shows nothing of it to the owner of another team', async () => {
    const stranger = await person(world.stack);
    const theirs = await logIn(stranger.client, stranger.email);
    const { teamId, userId } = world.ownerGrant.session;
    const [joined] = itemsOf(await audit('events?type=MemberJoined'));
    expectProblem(await audit(`events/${joined?.eventId ?? ''}`, theirs), 404, 'not-found');
    expectProblem(await audit(`streams/team-${teamId}/state`, theirs), 404, 'not-found');
    expectProblem(await audit(`streams/user-${userId}/state`, theirs), 404, 'not-found');
    expectProblem(await audit(`access?team=${teamId}`, theirs), 404, 'not-found');
    expectProblem(await audit(`access/diff?team=${teamId}&from=1`, theirs), 404, 'not-found');
    expect(itemsOf(await audit(`access?user=${userId}`, theirs))).toEqual([]);
    expect(itemsOf(await audit('events?ip=203.0.113.99', theirs))).toEqual([]);
  });
});
