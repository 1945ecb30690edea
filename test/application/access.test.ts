import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { accessOf } from '../../src/application/access/access-of.ts';
import type { Access } from '../../src/application/access/access.ts';
import { announceCurrentTeam } from '../../src/application/access/announce-current-team.ts';
import { announceTeam } from '../../src/application/access/announce-team.ts';
import { teamCopies } from '../../src/application/access/team-copies.ts';
import { Unavailable, type Context } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';

const at = '2030-01-02T03:04:05.678Z';
const context: Context = { actor: { kind: 'system' }, correlationId: 'test', causationId: 'test' };
const role = (roleId: string, grants: readonly string[]): TeamEvent => ({
  type: 'RoleAdded',
  data: { teamId: 't', roleId, name: roleId, kind: 'custom', grants, at },
});
const takes = (roleId: string): TeamEvent => ({
  type: 'MemberAdded',
  data: { teamId: 't', userId: 'bob', roleId, at },
});
const removed: TeamEvent = { type: 'MemberRemoved', data: { teamId: 't', userId: 'bob', roleId: 'some', at } };

let world: ReturnType<typeof newWorld>;
beforeEach(async () => {
  world = newWorld();
  await world.record(
    { type: 'TeamCreated', data: { teamId: 't', name: 'Acme', createdBy: 'ada', at } },
    role('some', ['site.*']),
    role('more', ['*']),
    takes('some'),
  );
});

function newWorld() {
  const memory = memoryEventStore({ clock: () => new Date(at) });
  const of = { reads: [] as [string, bigint | undefined][], epochs: [] as [string, bigint][], away: new Set<string>() };
  const shown: Access = {
    team: { teamId: 't', name: 'As shown' },
    role: { roleId: 'some', name: 'some', kind: 'custom' },
    grants: [],
    platform: false,
    idleTimeoutSeconds: null,
  };
  const eventStore = {
    ...memory,
    readStream: (stream: string, from?: bigint) => {
      of.reads.push([stream, from]);
      if (of.away.has('event-store')) return Promise.reject(new Unavailable('event-store'));
      return memory.readStream(stream, from);
    },
  };
  const sessionCache = {
    putTeamEpoch: (teamId: string, revision: bigint) => {
      if (of.away.has('session-store')) return Promise.reject(new Unavailable('session-store'));
      of.epochs.push([teamId, revision]);
      return Promise.resolve();
    },
  };
  const snapshots = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const deps = {
    teamCopies: teamCopies({ eventStore, snapshots }),
    announceTeam: announceTeam({ sessionCache }),
    directory: { access: () => Promise.resolve(shown) },
  };
  const ask = accessOf(deps);
  return Object.assign(of, {
    announceCurrent: () => announceCurrentTeam(deps)({ teamId: 't' }, context),
    record: (...events: TeamEvent[]) =>
      memory.append(
        streams.team('t'),
        events.map((event) => ({ id: randomUUID(), event, context })),
        'any',
      ),
    rights: async (teamEpoch: bigint | 'unknown' | 'away', userId = 'bob') =>
      (await ask({ userId, teamId: 't', teamEpoch }))?.grants,
  });
}

describe('the rights of a caller', () => {
  it('come from a copy for as long as it is as new as the epoch, and else from the end of the stream', async () => {
    expect(await world.rights(3n)).toEqual(['site.*']);
    expect(await world.rights(3n)).toEqual(['site.*']);
    expect(world.reads).toHaveLength(1);
    await world.record(takes('more'));
    expect(await world.rights(4n)).toEqual(['*']);
    expect(world.reads.slice(1)).toEqual([[streams.team('t'), 4n]]);
    expect(await world.rights(3n)).toEqual(['*']);
    expect(world.reads).toHaveLength(2);
    expect(world.epochs).toEqual([]);
  });

  it('are read from the stream each time while Redis is away', async () => {
    await world.rights(3n);
    await world.record(removed);
    expect(await world.rights('away')).toBeUndefined();
    await world.record(takes('more'));
    expect(await world.rights('away')).toEqual(['*']);
    expect(world.epochs).toEqual([]);
  });

  it('are announced where nobody has, also if Redis goes away just then', async () => {
    expect(await world.rights('unknown')).toEqual(['site.*']);
    expect(world.epochs).toEqual([['t', 3n]]);
    world.away.add('session-store');
    expect(await world.rights('unknown')).toEqual(['site.*']);
  });

  it('are none for strangers, in no team, and in one that was closed', async () => {
    expect(await world.rights('unknown', 'eve')).toBeUndefined();
    await world.record({ type: 'TeamClosed', data: { teamId: 't', at } });
    expect(await world.rights('unknown')).toBeUndefined();
    expect(await newWorld().rights('unknown')).toBeUndefined();
  });

  it('go on without the log: from a good copy, else as the read model has them', async () => {
    await world.rights(3n);
    world.away.add('event-store');
    expect(await world.rights(3n)).toEqual(['site.*']);
    expect(await world.rights(4n)).toEqual([]);
  });
});

describe('the announcement after an event', () => {
  it('is of the newest revision, not of that event', async () => {
    await world.record(takes('more'));
    await world.announceCurrent();
    expect(world.epochs).toEqual([['t', 4n]]);
  });
});
