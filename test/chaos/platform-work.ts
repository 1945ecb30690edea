import { wish, type Outcome, type World } from './asking.ts';
import { isOdd, isOver, type Person } from './person.ts';
import { inTeam } from './team-work.ts';

const path = '/virtuozzo';

/** What an Owner does with the account of the platform: linking it, working with its key, unlinking it. */
export async function platformWork(world: World, who: Person): Promise<void> {
  const chance = who.random();
  const outcome = await (chance < 0.3 ? link(world, who) : chance < 0.9 ? useKey(world, who) : unlink(world, who));
  if (outcome?.status === 401) isOver(who);
}

const link = (world: World, who: Person): Promise<Outcome | undefined> =>
  wish(
    world,
    who,
    inTeam(who, {
      name: 'link the platform',
      ...{ method: 'PUT', path, body: { login: who.email, password: 'the platform knows this one' } },
      expects: () => [{ types: ['VirtuozzoLinked'], data: { teamId: who.teamId }, own: true }],
    }),
  );

async function useKey(world: World, who: Person): Promise<Outcome | undefined> {
  const used = await wish(
    world,
    who,
    inTeam(who, { name: 'use the platform', method: 'GET', path: `${path}/session` }),
  );
  const hasKey = typeof used?.body['sessionKey'] === 'string';
  if (used?.status === 200 && !hasKey) isOdd(world, 'a session of the platform without a key', used);
  return used;
}

const unlink = (world: World, who: Person): Promise<Outcome | undefined> =>
  wish(
    world,
    who,
    inTeam(who, {
      name: 'unlink the platform',
      ...{ method: 'DELETE', path },
      expects: () => [],
    }),
  );
