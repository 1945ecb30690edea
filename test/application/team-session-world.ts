import { randomUUID } from 'node:crypto';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import type { Context, EventStore, SessionRecord, TeamOfUser } from '../../src/application/ports.ts';
import { cacheSessions } from '../../src/application/sessions/cache-sessions.ts';
import { followTeam } from '../../src/application/sessions/follow-team.ts';
import { followTeamClosing } from '../../src/application/sessions/follow-team-closing.ts';
import { followTeamPolicy } from '../../src/application/sessions/follow-team-policy.ts';
import { startSession } from '../../src/application/sessions/start-session.ts';
import { switchTeam } from '../../src/application/sessions/switch-team.ts';
import { teamOfSession } from '../../src/application/sessions/team-of-session.ts';
import { streams } from '../../src/application/streams.ts';
import { sessions } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { sessionIn } from '../../src/domain/sessions/state.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { defaultRoles } from '../../src/domain/team/default-roles.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const at = now.toISOString();
export const context: Context = { actor: { kind: 'system' }, correlationId: 'test', causationId: 'test' };
export const roleIn = (teamId: string, kind: string) => `${teamId} ${kind}`;

/** Sessions and teams over memory. `during` runs right before an append that holds an event of a type, once. */
export function teamSessionWorld() {
  const log = memoryEventStore({ clock: () => now });
  const meanwhile = new Map<DomainEvent['type'], () => Promise<unknown>>();
  const eventStore: EventStore = {
    readStream: (stream, from) => log.readStream(stream, from),
    append: async (stream, events, expected) => {
      for (const { event } of events) {
        const happening = meanwhile.get(event.type);
        meanwhile.delete(event.type);
        await happening?.();
      }
      return log.append(stream, events, expected);
    },
  };
  const tell = async (stream: string, ...events: DomainEvent[]) => {
    const news = events.map((event) => ({ id: randomUUID(), event, context }));
    return (await log.append(stream, news, 'any')).position;
  };
  const cached = new Map<string, SessionRecord>();
  const asked: bigint[] = [];
  const deps = {
    eventStore,
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    backOff: () => Promise.resolve(),
    clock: () => now,
    directory: {
      teamsOf: (userId: string, position: bigint) => {
        asked.push(position);
        return Promise.resolve(teamsIn(log.all(), userId));
      },
      sessionsInTeam: ({ teamId, position }: { teamId: string; position: bigint }, after: string | undefined) => {
        asked.push(position);
        const inTeam = [...cached.values()].filter((session) => session.teamId === teamId);
        return Promise.resolve(after === undefined ? inTeam : []);
      },
    },
    sessionSettings: { maxSessions: 2, idleTimeoutSeconds: 3600 },
    cacheSessions: cacheSessions({
      clock: () => now,
      sessionCache: {
        put: (record) => Promise.resolve(void cached.set(record.sessionId, record)),
        putTeamEpoch: () => Promise.resolve(),
        use: () => Promise.resolve(undefined),
        lastUsed: () => Promise.resolve(new Map()),
      },
    }),
    grantSession: (session: object) => Promise.resolve(session as never),
  };
  const steps = { ...deps, teamOfSession: teamOfSession(deps) };
  const follow = followTeam(steps);
  const following = { ...steps, followTeam: follow };
  return {
    cached,
    asked,
    tell,
    events: () => log.all(),
    during: (type: DomainEvent['type'], happening: () => Promise<unknown>) => void meanwhile.set(type, happening),
    follow,
    policy: followTeamPolicy(following),
    closing: followTeamClosing(following),
    start: startSession(steps),
    switchTo: switchTeam(following),
    /** With all the roles of a new team; `joined` is a day of March, so that the order can be chosen. */
    newTeam: (members: Readonly<Record<string, string>>, joined = 1) => {
      const teamId = randomUUID();
      return tell(streams.team(teamId), ...teamWith(teamId, members, joined)).then(() => teamId);
    },
    session: async (sessionId: string, userId: string) => {
      const { events } = await log.readStream(streams.sessions(userId));
      const state = events.map(({ event }) => event as SessionsEvent).reduce(sessions.evolve, sessions.initialState);
      return sessionIn(state, sessionId);
    },
  };
}

export const startOf = (userId: string, teamId: string, sessionId = randomUUID()) => ({
  sessionId,
  userId,
  teamId,
  roleId: roleIn(teamId, 'developer'),
  deviceId: randomUUID(),
  loginId: randomUUID(),
  remember: false,
  transport: 'bearer' as const,
  completedAt: now,
  now,
});

export const removed = (teamId: string, userId: string): DomainEvent => ({
  type: 'MemberRemoved',
  data: { teamId, userId, roleId: roleIn(teamId, 'developer'), at },
});
export const rejoined = (teamId: string, userId: string): DomainEvent => ({
  type: 'MemberAdded',
  data: { teamId, userId, roleId: roleIn(teamId, 'developer'), at },
});
export const closed = (teamId: string): DomainEvent => ({ type: 'TeamClosed', data: { teamId, at } });
export const policyOf = (teamId: string, idleTimeoutSeconds: number): DomainEvent => ({
  type: 'SessionPolicyChanged',
  data: { teamId, idleTimeoutSeconds, at },
});

function teamWith(teamId: string, members: Readonly<Record<string, string>>, joined: number): DomainEvent[] {
  const since = `2026-02-0${String(joined)}T12:00:00.000Z`;
  return [
    { type: 'TeamCreated', data: { teamId, name: 'Team', createdBy: Object.keys(members)[0] ?? '', at: since } },
    ...defaultRoles.map((role): DomainEvent => ({
      type: 'RoleAdded',
      data: { teamId, roleId: roleIn(teamId, role.kind), ...role, at: since },
    })),
    ...Object.entries(members).map(([userId, kind]): DomainEvent => ({
      type: 'MemberAdded',
      data: { teamId, userId, roleId: roleIn(teamId, kind), at: since },
    })),
  ];
}

/** As the read model shows them, in the order of joining; of those that were left some are still there. */
function teamsIn(events: readonly { event: DomainEvent }[], userId: string): readonly TeamOfUser[] {
  const joinings = events.flatMap(({ event }) =>
    event.type === 'MemberAdded' && event.data.userId === userId ? [event.data] : [],
  );
  const ordered = joinings.toSorted((one, other) => one.at.localeCompare(other.at));
  return [...new Set(ordered.map(({ teamId }) => teamId))].map((teamId) => ({
    teamId,
    name: 'Team',
    roleId: roleIn(teamId, 'developer'),
    role: 'Developer',
  }));
}
