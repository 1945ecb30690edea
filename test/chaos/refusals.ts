import { wish, type Wish, type World } from './asking.ts';
import { isOdd, isOver, type Person } from './person.ts';
import { inTeam } from './team-work.ts';

/** Commands that have to be refused, and leave nothing. */
export async function refusals(world: World, who: Person, others: readonly Person[]): Promise<void> {
  const nobody = world.newId();
  const stranger = others.find(({ teamId }) => teamId !== '' && teamId !== who.teamId && !isIn(who, others, teamId));
  const asked: readonly Wish[] = [
    inTeam(who, { name: 'remove nobody', method: 'DELETE', path: `/members/${nobody}` }),
    inTeam(who, {
      name: 'invite to no role',
      ...{ method: 'POST', path: '/invitations', body: { email: 'nobody@example.com', roleId: nobody } },
    }),
    inTeam(who, {
      name: 'add a role that there is',
      ...{ method: 'POST', path: '/roles', body: { name: 'Manager', permissions: ['site.edit'] } },
    }),
    inTeam(who, {
      name: 'add a role with an unknown permission',
      ...{ method: 'POST', path: '/roles', body: { name: `Odd ${nobody.slice(0, 8)}`, permissions: ['moon.land'] } },
    }),
    inTeam(who, { name: 'leave as the only Owner', method: 'POST', path: '/leave' }),
    ...(stranger === undefined ? [] : [foreign(who, stranger)]),
    { name: 'begin without a session', method: 'POST', path: '/v1/teams', body: { name: 'Nobody’s' } },
    { name: 'verify with nothing', method: 'POST', path: '/v1/registrations/verify', body: { token: nobody } },
  ];
  const what = asked[Math.floor(who.random() * asked.length)];
  if (what === undefined) return;
  const refused = await wish(world, who, what);
  if (refused !== undefined && refused.status < 400) isOdd(world, `${what.name} works`, refused);
  if (refused?.status === 401 && what.sessionId !== undefined) isOver(who);
}

/** Whether they may be in that team, as far as the simulation can know. */
const isIn = (who: Person, others: readonly Person[], teamId: string) =>
  others.some((owner) => owner.teamId === teamId && owner.invited.has(who.email));

const foreign = (who: Person, { teamId }: Person): Wish =>
  inTeam({ ...who, teamId }, { name: 'rename a foreign team', method: 'PATCH', path: '', body: { name: 'Ours now' } });
