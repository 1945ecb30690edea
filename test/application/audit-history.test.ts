import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { describeChange, describeState } from '../../src/application/audit/describe-state.ts';
import { differences } from '../../src/application/audit/difference.ts';
import { recordAuditRead } from '../../src/application/audit/record-audit-read.ts';
import { Unavailable, type Context, type PersonalData } from '../../src/application/ports.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { samples } from '../golden/samples.ts';

const context: Context = { actor: { kind: 'user', userId: 'ada' }, correlationId: 'request', causationId: 'request' };
const now = new Date('2026-03-01T23:59:59.999Z');
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

describe('reading the history', () => {
  const reading = { readBy: 'ada', teamId: 'acme', what: 'events', count: 2 } as const;
  const world = () => {
    const eventStore = memoryEventStore({ clock: () => now });
    let ids = 0;
    return { eventStore, clock: () => now, newId: () => `event-${String((ids += 1))}` };
  };

  it('is an event of that day, with what was asked for', async () => {
    const ports = world();
    const record = recordAuditRead(ports);
    const filter = { team: 'acme', type: ['TeamCreated', 'TeamClosed'], from: day(2), limit: 50, cursor: undefined };
    await record({ ...reading, filter }, context);
    const [recorded] = (await ports.eventStore.readStream('audit_read-2026-03-01')).events;
    expect(recorded?.context).toEqual(context);
    expect(recorded?.event).toEqual({
      type: 'AuditRead',
      data: {
        ...reading,
        filter: { team: 'acme', type: 'TeamCreated,TeamClosed', from: '2026-01-02T00:00:00.000Z', limit: '50' },
        at: now.toISOString(),
      },
    });
  });

  it('does not keep the address that was looked for', async () => {
    const ports = world();
    await recordAuditRead(ports)({ ...reading, filter: { ip: '203.0.113.7' } }, context);
    expect(ports.eventStore.all()[0]?.event.data).toMatchObject({ filter: { ip: 'not recorded' } });
    expect(JSON.stringify(ports.eventStore.all().map(({ event }) => event))).not.toContain('203.0.113.7');
  });

  it('takes many readers at once', async () => {
    const ports = world();
    const record = recordAuditRead(ports);
    await Promise.all(Array.from({ length: 20 }, () => record({ ...reading, filter: {} }, context)));
    expect(ports.eventStore.all()).toHaveLength(20);
  });

  it('fails when it cannot be recorded', async () => {
    const down = () => Promise.reject(new Unavailable('event-store'));
    const record = recordAuditRead({ ...world(), eventStore: { ...world().eventStore, append: down } });
    await expect(record({ ...reading, filter: {} }, context)).rejects.toThrow(Unavailable);
  });
});

describe('the state of a stream', () => {
  const team = (type: DomainEvent['type'], more: object = {}) =>
    ({ type, data: { ...(samples[type] as object), ...more } }) as DomainEvent;
  const { teamId, roleId, userId } = samples.MemberAdded;
  const personalData: Pick<PersonalData, 'open'> = { open: (recorded) => Promise.resolve(recorded) };

  async function history(...events: DomainEvent[]) {
    let today = 0;
    const eventStore = memoryEventStore({ clock: () => day((today += 1)) });
    for (const [n, event] of events.entries()) {
      const expected = n === 0 ? 'no-stream' : BigInt(n - 1);
      await eventStore.append(`team-${teamId}`, [{ id: `event-${String(n)}`, event, context }], expected);
    }
    const { events: recorded } = await eventStore.readStream(`team-${teamId}`);
    return {
      recorded,
      stateOf: describeState({ eventStore, personalData }),
      change: describeChange({ eventStore, personalData }),
    };
  }
  const usual = () =>
    history(team('TeamCreated'), team('RoleAdded'), team('MemberAdded'), team('TeamRenamed', { name: 'New' }));

  it('is what decisions saw at a time, at a position, or see now', async () => {
    const { recorded, stateOf } = await usual();
    const stream = `team-${teamId}`;
    expect(await stateOf(stream, {})).toMatchObject({ revision: 3n, eventId: 'event-3', state: { name: 'New' } });
    const first = recorded[0]?.recordedAt ?? expect.fail();
    expect(await stateOf(stream, { at: first })).toMatchObject({ revision: 0n, state: { roles: {}, members: {} } });
    expect(await stateOf(stream, { position: recorded[2]?.position })).toMatchObject({
      revision: 2n,
      state: { members: { [userId]: roleId } },
    });
    expect(await stateOf(stream, { at: new Date(first.getTime() - 1) })).toBeUndefined();
    expect(await stateOf(`team-of-nobody`, {})).toBeUndefined();
    expect(await stateOf('audit_read-2026-01-01', {})).toBeUndefined();
  });

  it('changes with each event by what that event says', async () => {
    const { change } = await usual();
    const stream = `team-${teamId}`;
    expect(await change(stream, 2n)).toEqual([{ path: `/members/${userId}`, before: undefined, after: roleId }]);
    expect(await change(stream, 3n)).toEqual([{ path: '/name', before: samples.TeamCreated.name, after: 'New' }]);
    expect(await change(stream, 0n)).toContainEqual({ path: '/status', before: 'unknown', after: 'open' });
    expect(await change(stream, 9n)).toBeNull();
    expect(await change('failed_login-2026-01-01', 0n)).toBeNull();
  });
});

describe('the state of what runs beside teams and people', () => {
  const { teamId, linkId } = samples.VirtuozzoLinked;
  const link = (at: string) => ({ teamId, linkId, at });
  const openPersonal: Pick<PersonalData, 'open'> = { open: (recorded) => Promise.resolve(recorded) };
  const [first, second, third] = [day(1).toISOString(), day(2).toISOString(), day(3).toISOString()];
  const linked = { ...samples.VirtuozzoLinked, at: first };
  const raised = { ...samples.AlertRaised, at: first };
  const told: readonly [string, readonly DomainEvent[], readonly object[]][] = [
    [
      `virtuozzo-${teamId}`,
      [
        { type: 'VirtuozzoLinked', data: linked },
        { type: 'VirtuozzoOutageBegan', data: link(second) },
        { type: 'VirtuozzoUnlinked', data: { ...link(third), reason: 'by-owner' } },
      ],
      [
        { status: 'linked', linkId, method: linked.method, condition: 'working' },
        { status: 'linked', condition: 'outage', conditionSince: second },
        { status: 'unlinked' },
      ],
    ],
    [
      `alert-${raised.name}`,
      [
        { type: 'AlertRaised', data: raised },
        { type: 'AlertRaised', data: { ...raised, level: 'critical', at: second } },
        { type: 'AlertCleared', data: { name: raised.name, value: 0, raisedAt: first, at: third } },
      ],
      [
        { status: 'raised', level: 'warning', since: first },
        { status: 'raised', level: 'critical', since: first },
        { status: 'clear' },
      ],
    ],
    [
      'mail_sending',
      [
        { type: 'MailSendingPaused', data: { reason: 'token-refused', at: first } },
        { type: 'MailSendingResumed', data: { pausedAt: first, at: second } },
      ],
      [{ status: 'paused', reason: 'token-refused', since: first }, { status: 'running' }],
    ],
  ];

  it.each(told)('%s is told for each of its moments, and changes with each event', async (stream, events, states) => {
    let today = 0;
    const eventStore = memoryEventStore({ clock: () => day((today += 1)) });
    for (const event of events)
      await eventStore.append(stream, [{ id: `event-${String(today)}`, event, context }], 'any');
    const ports = { eventStore, personalData: openPersonal };
    for (const [n, state] of states.entries()) {
      expect(await describeState(ports)(stream, { at: day(n + 1) })).toMatchObject({ revision: BigInt(n), state });
      expect(await describeChange(ports)(stream, BigInt(n))).not.toEqual([]);
    }
    expect(await describeState(ports)(stream, { at: day(0) })).toBeUndefined();
  });
});

describe('a difference', () => {
  it('is given leaf by leaf, things in a list by their id', () => {
    const before = {
      name: 'a',
      list: [
        { sessionId: 's1', generation: 1 },
        { sessionId: 's2', generation: 1 },
      ],
      tags: ['x'],
    };
    const after = { name: 'a', list: [{ sessionId: 's2', generation: 2 }], tags: ['x', 'y'], 'a/b': null };
    expect(differences(before, after)).toEqual([
      { path: '/list/s1', before: { sessionId: 's1', generation: 1 }, after: undefined },
      { path: '/list/s2/generation', before: 1, after: 2 },
      { path: '/tags', before: ['x'], after: ['x', 'y'] },
      { path: '/a~1b', before: undefined, after: null },
    ]);
    expect(differences(before, before)).toEqual([]);
    expect(differences({ a: [] }, { a: [{ sessionId: 's1' }] })).toHaveLength(1);
  });
});
