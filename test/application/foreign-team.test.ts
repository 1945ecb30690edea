import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { streams } from '../../src/application/streams.ts';
import { teamUseCases } from '../../src/application/team-use-cases.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { context, roleIn } from './team-session-world.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const [stranger, owner, roleId, memberId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

/** All that a use case asks of the outside, in order; the team's own id is left out. */
async function asked(name: keyof ReturnType<typeof teamUseCases>, exists: boolean): Promise<[string, string[]]> {
  const log = memoryEventStore({ clock: () => now });
  const teamId = randomUUID();
  if (exists) await found(log, teamId);
  const steps: string[] = [];
  const step = <Arguments extends unknown[], Answer>(what: string, run: (...given: Arguments) => Answer) =>
    function seen(...given: Arguments): Answer {
      steps.push(`${what} ${String(given[0]).replace(teamId, 'the team')}`);
      return run(...given);
    };
  const useCases = teamUseCases({
    eventStore: {
      readStream: step('read', (stream: string, from?: bigint) => log.readStream(stream, from)),
      append: step('append', (...append: Parameters<typeof log.append>) => log.append(...append)),
    },
    snapshots: {
      load: step('load', () => Promise.resolve(undefined)),
      save: step('save', () => Promise.resolve()),
    },
    newId: randomUUID,
    backOff: step('wait', () => Promise.resolve()),
    clock: () => now,
    tokens: {} as never,
    directory: {} as never,
    teamSettings: {} as never,
    announceTeam: step('announce', () => Promise.resolve()),
    permissionsInForce: step('catalogue', () => Promise.resolve(['team.manage', 'user.manage'])),
  });
  const request = { teamId, userId: stranger, memberId, toUserId: memberId, roleId, reassignTo: roleId };
  const given = { ...request, name: 'X', permissions: ['no.such'], idleTimeoutSeconds: 300 };
  const run = useCases[name] as (request: object, context: object) => Promise<unknown>;
  const refusal: unknown = await run(given, context).catch((error: unknown) => error);
  return [refusal instanceof DomainError ? refusal.code : 'no refusal', steps];
}

async function found(log: ReturnType<typeof memoryEventStore>, teamId: string): Promise<void> {
  const at = now.toISOString();
  const role = { teamId, roleId: roleIn(teamId, 'owner'), name: 'Owner', kind: 'owner', grants: ['*'], at } as const;
  const events = [
    { type: 'TeamCreated', data: { teamId, name: 'Team', createdBy: owner, at } },
    { type: 'RoleAdded', data: role },
    { type: 'MemberAdded', data: { teamId, userId: owner, roleId: role.roleId, at } },
  ] as const;
  await log.append(
    streams.team(teamId),
    events.map((event) => ({ id: randomUUID(), event, context })),
    'any',
  );
}

describe('a team that the caller is not in', () => {
  it.each([
    'requireMember',
    'renameTeam',
    'setSessionPolicy',
    'closeTeam',
    'addRole',
    'changeRole',
    'retireRole',
    'changeMember',
    'removeMember',
    'leaveTeam',
    'transferOwnership',
  ] as const)('costs %s the same steps as one that does not exist', async (name) => {
    const [code, steps] = await asked(name, true);
    expect(code).toBe('team-not-found');
    expect(steps).toContain('read team-the team');
    expect([code, steps]).toEqual(await asked(name, false));
  });
});
