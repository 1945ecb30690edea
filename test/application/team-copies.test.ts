import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { teamCopies } from '../../src/application/access/team-copies.ts';
import { streams } from '../../src/application/streams.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';

const at = '2030-01-02T03:04:05.678Z';
const context = { actor: { kind: 'system' }, correlationId: 'c', causationId: 'c' } as const;

/** Copies of teams with so many members each, and which of their streams were read. */
async function copiesOf(sizes: Readonly<Record<string, number>>, most: { teams: number; members: number }) {
  const store = memoryEventStore({ clock: () => new Date(at) });
  for (const [teamId, members] of Object.entries(sizes)) {
    const joined = Array.from({ length: members }, (_, n): TeamEvent => {
      return { type: 'MemberAdded', data: { teamId, userId: `user-${String(n)}`, roleId: 'some', at } };
    });
    const events: TeamEvent[] = [
      { type: 'TeamCreated', data: { teamId, name: teamId, createdBy: 'ada', at } },
      ...joined,
    ];
    await store.append(
      streams.team(teamId),
      events.map((event) => ({ id: randomUUID(), event, context })),
      'no-stream',
    );
  }
  const read: string[] = [];
  const eventStore = {
    ...store,
    readStream: (stream: string, from?: bigint) => {
      read.push(stream);
      return store.readStream(stream, from);
    },
  };
  const snapshots = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const copies = teamCopies({ eventStore, snapshots }, most);
  return async (...teamIds: string[]) => {
    read.length = 0;
    for (const teamId of teamIds) await copies(teamId, 0n);
    return read.map((stream) => stream.slice('team-'.length));
  };
}

describe('copies of teams', () => {
  it('are so many, the most recently used ones', async () => {
    const use = await copiesOf({ a: 1, b: 1, c: 1 }, { teams: 4, members: 100 });
    expect(await use('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    expect(await use('c', 'a')).toEqual([]);
    expect(await use('b')).toEqual(['b']);
  });

  it('have so many members in all: a large team takes the room of many small ones', async () => {
    const use = await copiesOf({ a: 4, b: 4, large: 9 }, { teams: 100, members: 24 });
    expect(await use('a', 'b', 'large')).toEqual(['a', 'b', 'large']);
    expect(await use('b', 'large')).toEqual([]);
    expect(await use('a')).toEqual(['a']);
  });

  it('are never without the newest, however large it is', async () => {
    const use = await copiesOf({ small: 1, large: 50 }, { teams: 100, members: 10 });
    expect(await use('small', 'large', 'large', 'large')).toEqual(['small', 'large']);
    expect(await use('small')).toEqual(['small']);
  });
});
