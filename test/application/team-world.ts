import { randomBytes, randomUUID } from 'node:crypto';
import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { permissionsInForce } from '../../src/application/permissions/permissions-in-force.ts';
import { seedPermissions } from '../../src/application/permissions/seed-permissions.ts';
import { WrongExpectedRevision, type Context, type EventStore } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { teamUseCases } from '../../src/application/team-use-cases.ts';
import { team } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { memberRole, type TeamState } from '../../src/domain/team/state.ts';
import { permissionSeed } from '../../src/composition/permission-seed.ts';

/** What somebody does in a request of theirs. */
export const as = (userId: string): Context => ({
  actor: { kind: 'user', userId },
  correlationId: randomUUID(),
  causationId: randomUUID(),
});

/** The use cases of teams over memory, with the catalogue of the installation. */
export async function teamWorld({ maxTeams = 100 } = {}) {
  const clock = () => new Date('2026-03-01T12:00:00.000Z');
  const memory = memoryEventStore({ clock });
  const announced: { teamId: string; revision: unknown; events: number }[] = [];
  const lostRaces: string[] = [];
  const eventStore: EventStore = {
    readStream: (stream, from) => memory.readStream(stream, from),
    append: (stream, events, expected) =>
      memory.append(stream, events, expected).catch((error: unknown) => {
        if (error instanceof WrongExpectedRevision) lostRaces.push(stream);
        throw error;
      }),
  };
  const ports = {
    eventStore,
    clock,
    teamSettings: { maxTeams },
    directory: { teamsOf: (userId: string) => Promise.resolve(teamsOf(userId)) },
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    tokens: hmacTokens({
      keys: {
        derivation: [{ number: 1, secret: randomBytes(32) }],
        emailHash: randomBytes(32),
        deviceId: randomBytes(32),
      },
    }),
    backOff: () => Promise.resolve(),
    announceTeam: (teamId: string, revision: unknown) => {
      announced.push({ teamId, revision, events: memory.all().length });
      return Promise.resolve();
    },
  };
  const inForce = permissionsInForce(ports);
  const useCases = teamUseCases({ ...ports, permissionsInForce: inForce });
  const seeded = await permissionSeed();
  const seed = (permissions: readonly string[]) =>
    seedPermissions(ports)(
      permissions.map((permission) => ({ permission, description: '' })),
      as('operator'),
    );
  const names = seeded.map(({ permission }) => permission);
  await seed(names);

  /** As the read model shows them once it has come to the end of the log. */
  function teamsOf(userId: string) {
    const folded = new Map<string, TeamState>();
    for (const { stream, event } of memory.all()) {
      if (!stream.startsWith('team-')) continue;
      folded.set(stream, team.evolve(folded.get(stream) ?? team.initialState, event as TeamEvent));
    }
    return [...folded].flatMap(([stream, state]) => {
      const role = memberRole(state, userId);
      if (state.status !== 'open' || role === undefined) return [];
      return [{ teamId: stream.slice('team-'.length), name: state.name, roleId: role.roleId, role: role.name }];
    });
  }

  async function stateOf(teamId: string): Promise<TeamState> {
    const { events } = await memory.readStream(streams.team(teamId));
    return events.map(({ event }) => event as TeamEvent).reduce(team.evolve, team.initialState);
  }

  /** A team of Ann with these members besides, by the name of their role. */
  async function teamOf(members: Readonly<Record<string, string>> = {}) {
    const { teamId } = await useCases.createTeam({ userId: 'ann', name: 'Lee & Co' }, as('ann'));
    const roleId = async (name: string) => {
      const state = await stateOf(teamId);
      const roles = state.status === 'open' ? Object.values(state.roles) : [];
      return roles.find((role) => role.name === name)?.roleId ?? '';
    };
    for (const [userId, name] of Object.entries(members)) {
      const data = { teamId, userId, roleId: await roleId(name), at: clock().toISOString() };
      const added = { id: randomUUID(), event: { type: 'MemberAdded', data } as const, context: as('ann') };
      await memory.append(streams.team(teamId), [added], 'any');
    }
    const roleOf = async (userId: string) => memberRole(await stateOf(teamId), userId)?.name;
    return { teamId, roleId, roleOf };
  }

  return { memory, ports, useCases, announced, lostRaces, stateOf, teamOf, seed, names, inForce };
}
