import { wish, type Outcome, type Wish, type World } from './asking.ts';
import { isOver, type Person } from './person.ts';

type Work = (world: World, who: Person, others: readonly Person[]) => Promise<Outcome | undefined>;

/** What an Owner does in their own team. */
const works: readonly Work[] = [invite, invite, changeMember, removeMember, addRole, changeRole, retireRole];

export async function teamWork(world: World, who: Person, others: readonly Person[]): Promise<void> {
  const work = works[Math.floor(who.random() * works.length)] ?? invite;
  const outcome = await work(world, who, others);
  if (outcome?.status === 401) isOver(who);
}

export const inTeam = (
  { teamId, session }: Person,
  what: Omit<Wish, 'path' | 'bearer' | 'sessionId'> & { path: string },
): Wish => ({
  ...what,
  path: `/v1/teams/${teamId}${what.path}`,
  bearer: session?.accessToken,
  sessionId: session?.sessionId,
});

const picked = <T>(things: readonly T[], random: () => number): T | undefined =>
  things[Math.floor(random() * things.length)];

/** The ids of the roles of a team, by name. */
async function rolesOf(world: World, who: Person): Promise<Map<string, string>> {
  const listed = await wish(world, who, inTeam(who, { name: 'list roles', method: 'GET', path: '/roles' }));
  const items = (listed?.body['items'] ?? []) as { roleId: string; name: string }[];
  return new Map(items.map(({ roleId, name }) => [name, roleId]));
}

async function invite(world: World, who: Person, others: readonly Person[]): Promise<Outcome | undefined> {
  const guest = picked(others, who.random);
  const roleId = (await rolesOf(world, who)).get('Developer');
  if (guest === undefined || guest === who || roleId === undefined) return undefined;
  who.invited.add(guest.email);
  const invited = await wish(
    world,
    who,
    inTeam(who, {
      name: 'invite',
      ...{ method: 'POST', path: '/invitations', body: { email: guest.email, roleId } },
      expects: ({ invitationId }) => [
        { types: ['InvitationIssued', 'InvitationResent'], data: { invitationId }, own: false },
      ],
    }),
  );
  if (invited?.status !== 201) return invited;
  const invitationId = String(invited.body['invitationId']);
  guest.invitations.push({ from: who, invitationId });
  return who.random() < 0.25 ? revokeInvitation(world, who, invitationId) : invited;
}

const revokeInvitation = (world: World, who: Person, invitationId: string) =>
  wish(
    world,
    who,
    inTeam(who, {
      name: 'revoke invitation',
      ...{ method: 'DELETE', path: `/invitations/${invitationId}` },
      expects: () => [{ types: ['InvitationRevoked'], data: { invitationId }, own: false }],
    }),
  );

async function changeMember(world: World, who: Person): Promise<Outcome | undefined> {
  const [userId, role] = picked([...who.members], who.random) ?? [];
  const to = role === 'Developer' ? 'Manager' : 'Developer';
  const roleId = (await rolesOf(world, who)).get(to);
  if (userId === undefined || roleId === undefined) return undefined;
  const changed = await wish(
    world,
    who,
    inTeam(who, {
      name: 'change member',
      ...{ method: 'PATCH', path: `/members/${userId}`, body: { roleId } },
      expects: () => [{ types: ['MemberRoleChanged'], data: { teamId: who.teamId, userId, roleId }, own: false }],
    }),
  );
  if (changed?.status === 204) who.members.set(userId, to);
  return changed;
}

async function removeMember(world: World, who: Person): Promise<Outcome | undefined> {
  const userId = picked([...who.members.keys()], who.random);
  if (userId === undefined) return undefined;
  const removed = await wish(
    world,
    who,
    inTeam(who, {
      name: 'remove member',
      ...{ method: 'DELETE', path: `/members/${userId}` },
      expects: () => [{ types: ['MemberRemoved'], data: { teamId: who.teamId, userId }, own: false }],
    }),
  );
  if (removed !== undefined) who.members.delete(userId);
  return removed;
}

async function addRole(world: World, who: Person): Promise<Outcome | undefined> {
  const name = `Deployers ${world.newId().slice(0, 8)}`;
  const added = await wish(
    world,
    who,
    inTeam(who, {
      name: 'add role',
      ...{ method: 'POST', path: '/roles', body: { name, permissions: ['site.*', 'env.deploy'] } },
      expects: ({ roleId }) => [{ types: ['RoleAdded'], data: { roleId, teamId: who.teamId }, own: true }],
    }),
  );
  if (added?.status === 201) who.customRoles.push(String(added.body['roleId']));
  return added;
}

async function changeRole(world: World, who: Person): Promise<Outcome | undefined> {
  const roleId = picked(who.customRoles, who.random);
  if (roleId === undefined) return addRole(world, who);
  const name = `Editors ${world.newId().slice(0, 8)}`;
  return wish(
    world,
    who,
    inTeam(who, {
      name: 'change role',
      ...{ method: 'PATCH', path: `/roles/${roleId}`, body: { name, permissions: ['site.edit'] } },
      expects: () => [{ types: ['RoleChanged'], data: { roleId, name }, own: true }],
    }),
  );
}

async function retireRole(world: World, who: Person): Promise<Outcome | undefined> {
  const roleId = who.customRoles.shift();
  if (roleId === undefined) return addRole(world, who);
  return wish(
    world,
    who,
    inTeam(who, {
      name: 'retire role',
      ...{ method: 'DELETE', path: `/roles/${roleId}` },
      expects: () => [{ types: ['RoleRetired'], data: { roleId }, own: false }],
    }),
  );
}
