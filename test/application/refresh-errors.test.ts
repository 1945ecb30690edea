import { expect, it } from 'vitest';
import { Unavailable } from '../../src/application/ports.ts';
import { anonymous, codeOf, passwordWorld } from './password-world.ts';

async function watchedWorld() {
  let failed = 0;
  let isAway = false;
  const away = () => (isAway ? Promise.reject(new Unavailable('event-store')) : Promise.resolve(undefined));
  const world = await passwordWorld({
    refreshWatch: { failed: () => void (failed += 1) },
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
  });
  const { eventStore } = world.ports;
  const append = eventStore.append.bind(eventStore);
  eventStore.append = async (...given) => {
    await away();
    return append(...given);
  };
  return { ...world, failures: () => failed, goAway: () => void (isAway = true) };
}

it('a refresh that works, and one of a session that is over, are no session errors', async () => {
  const world = await watchedWorld();
  const first = await world.logIn();
  const second = await world.refreshSession({ refreshToken: first.refreshToken }, anonymous());
  world.later(8 * 24 * 3_600_000);
  await codeOf(world.refreshSession({ refreshToken: second.refreshToken }, anonymous()));
  expect(world.failures()).toBe(0);
});

it('an outage and a token that nobody issued are', async () => {
  const world = await watchedWorld();
  const { refreshToken } = await world.logIn();
  expect(await codeOf(world.refreshSession({ refreshToken: 'nothing' }, anonymous()))).toBe('refresh-token-invalid');
  expect(world.failures()).toBe(1);
  world.goAway();
  await expect(world.refreshSession({ refreshToken }, anonymous())).rejects.toMatchObject({ what: 'event-store' });
  expect(world.failures()).toBe(2);
});
