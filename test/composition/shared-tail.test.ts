import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogEntry } from '../../src/application/ports.ts';
import { sharedTail } from '../../src/composition/shared-tail.ts';
import type { Follow } from '../../src/composition/log-tail.ts';
import { scriptedLog } from './scripted-log.ts';

const roomy = { entries: 100, bytes: 1_000_000 };

/** Takes entries when it is told to, and checks each. */
function followerOf(subscribe: Follow<bigint>, after: bigint | 'start', eventsAfter: () => bigint[]) {
  const stop = new AbortController();
  const iterator = subscribe(after, stop.signal)[Symbol.asyncIterator]();
  const got: bigint[] = [];
  let position = after === 'start' ? -1n : after;
  let wanted = 0;
  let pulling: Promise<void> | undefined;
  const state = { caughtUp: 0, ended: false, error: undefined as unknown };

  const check = (entry: LogEntry<bigint>) => {
    if (entry.kind === 'caught-up') {
      state.caughtUp += 1;
      return;
    }
    expect(entry.position).toBeGreaterThan(position);
    position = entry.position;
    if (entry.kind === 'event') got.push(entry.recorded);
    // Everything up to here, once and in order, whatever kind of entry says so.
    expect(got).toEqual(eventsAfter().filter((event) => event <= position));
  };
  const pull = async () => {
    while (wanted > 0 && !state.ended) {
      wanted -= 1;
      const next = await iterator.next();
      if (next.done) state.ended = true;
      else check(next.value);
    }
  };
  return {
    got,
    state,
    take: (count: number) => {
      wanted += count;
      pulling ??= pull()
        .catch((error: unknown) => {
          state.ended = true;
          state.error = error;
        })
        .finally(() => (pulling = undefined));
    },
    abort: () => {
      stop.abort();
      wanted += 1;
    },
    leave: () => {
      stop.abort();
      return iterator.return?.(undefined);
    },
  };
}

type Scripted = ReturnType<typeof followerOf>;

async function settle(isSettled: () => boolean, what: string): Promise<void> {
  for (let turns = 0; turns < 5000; turns += 1) {
    if (isSettled()) return;
    await turn();
  }
  throw new Error(`gave up waiting until ${what}`);
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      gap: fc.integer({ min: 1, max: 3 }),
      ours: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('take' as const), who: fc.nat(), count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), behind: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), who: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** A process whose followers come, go, take and fail as the script says. */
function scriptedFollowers(turns: readonly number[], limits: typeof roomy) {
  let turnsTaken = 0;
  const log = scriptedLog(() => turns[turnsTaken++ % turns.length] ?? 0);
  const subscribe = sharedTail(log.subscribe, limits);
  const followers: Scripted[] = [];
  const aborted = new Set<Scripted>();
  let failures = 0;
  const some = (who: number) => followers[who % followers.length];
  const join = (after: bigint | 'start') => {
    followers.push(followerOf(subscribe, after, () => log.eventsAfter(after)));
  };
  join('start');

  const run = async (one: Step): Promise<void> => {
    if (one.do === 'turn') await turn();
    else if (one.do === 'append') log.append(one.gap, one.ours);
    else if (one.do === 'take') some(one.who)?.take(one.count);
    else if (one.do === 'join') join(one.behind > log.head() ? 'start' : log.head() - BigInt(one.behind));
    else if (one.do === 'fail') {
      failures += 1;
      log.failAll();
    } else {
      const follower = some(one.who);
      if (follower) aborted.add(follower);
      follower?.abort();
    }
  };
  return { log, followers, run, failures: () => failures, running: () => followers.filter((one) => !aborted.has(one)) };
}

it('gives each follower every event after its position once and in order, whatever the others do', async () => {
  const steps = fc.array(step, { minLength: 10, maxLength: 120 });
  const speeds = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 });
  const limits = fc.record({ entries: fc.integer({ min: 1, max: 12 }), bytes: fc.integer({ min: 50, max: 2000 }) });
  await fc.assert(
    fc.asyncProperty(steps, speeds, limits, async (script, turns, most) => {
      const { log, followers, run, failures, running } = scriptedFollowers(turns, most);
      for (const one of script) await run(one);
      log.append(1, true);
      const hasAll = ({ got, state }: Scripted) => got.at(-1) === log.head() && state.caughtUp > 0;
      await settle(() => {
        const waiting = running().filter((follower) => !follower.state.ended && !hasAll(follower));
        for (const follower of waiting) follower.take(1);
        return waiting.length === 0;
      }, 'all have everything');
      // Only the log ends a follower that was not told to stop, and says why.
      const ended = running().filter(({ state }) => state.ended);
      expect(ended.every(({ state }) => isFailure(state.error))).toBe(true);
      if (failures() === 0) expect(ended).toEqual([]);
      expect(followers.every(({ state }) => state.error === undefined || isFailure(state.error))).toBe(true);
      for (const follower of followers) void follower.leave();
      await settle(() => log.subscriptions.open === 0, 'no subscription is left');
    }),
    { numRuns: 300 },
  );
});

const isFailure = (error: unknown) => error instanceof Error && error.message.startsWith('the subscriptions of epoch');

async function manyLive(count: number, limits = roomy) {
  const log = scriptedLog(() => 1);
  const subscribe = sharedTail(log.subscribe, limits);
  log.append(1, true);
  const followers = Array.from({ length: count }, () => followerOf(subscribe, 'start', () => log.eventsAfter('start')));
  const takeAll = async (those = followers) =>
    settle(() => {
      for (const follower of those) follower.take(1);
      return those.every(({ got, state }) => got.at(-1) === log.head() && state.caughtUp > 0);
    }, 'all have everything');
  await takeAll();
  log.append(1, true);
  await takeAll();
  await settle(() => log.subscriptions.open === 1, 'they share one subscription');
  return { log, subscribe, followers, takeAll };
}

it('reads an event once for all that have reached the end, and not at all when nobody is left', async () => {
  const { log, followers, takeAll } = await manyLive(12);
  const before = log.subscriptions.delivered;
  for (let n = 0; n < 50; n += 1) log.append(2, true);
  await takeAll();
  expect(log.subscriptions.delivered - before).toBe(50);
  for (const follower of followers.slice(1)) await follower.leave();
  log.append(1, true);
  await takeAll(followers.slice(0, 1));
  expect(log.subscriptions.open).toBe(1);
  await followers[0]?.leave();
  await settle(() => log.subscriptions.open === 0, 'no subscription is left');
});

it('lets one that begins again near the end go on without a subscription of its own', async () => {
  const { log, subscribe, takeAll } = await manyLive(2);
  const { opened } = log.subscriptions;
  const after = log.head() - 1n;
  const again = followerOf(subscribe, after, () => log.eventsAfter(after));
  await takeAll([again]);
  expect(log.subscriptions.opened).toBe(opened);
});

it('lets one that is slow read for itself, and holds up nobody', async () => {
  const { log, followers, takeAll } = await manyLive(3, { entries: 10, bytes: 10_000 });
  const [slow, ...fast] = followers;
  if (!slow) throw new Error('nobody follows');
  // What it had asked for before, it gets.
  log.append(1, true);
  await takeAll();
  const had = slow.got.length;
  for (let n = 0; n < 200; n += 1) {
    log.append(1, true);
    await takeAll(fast);
  }
  expect(slow.got.length - had).toBeLessThan(200);
  expect(log.subscriptions.open).toBe(1);
  await takeAll([slow]);
  log.append(1, true);
  await takeAll();
  await settle(() => log.subscriptions.open === 1, 'they share one subscription again');
});

it('fails for all when the shared subscription fails, and begins anew with those that come back', async () => {
  const { log, subscribe, followers } = await manyLive(3);
  log.failAll();
  await settle(() => {
    for (const follower of followers) follower.take(1);
    return followers.every(({ state }) => state.error !== undefined);
  }, 'all have failed');
  const gone = new Error('away');
  log.goAway(gone);
  const early = followerOf(subscribe, log.head(), () => []);
  early.take(1);
  await settle(() => early.state.error === gone, 'it was told that the log is away');
  log.comeBack();
  const after = log.head();
  const back = [1, 2].map(() => followerOf(subscribe, after, () => log.eventsAfter(after)));
  log.append(1, true);
  await settle(() => {
    for (const follower of back) follower.take(1);
    return back.every(({ got }) => got.at(-1) === log.head());
  }, 'they have what came later');
});
