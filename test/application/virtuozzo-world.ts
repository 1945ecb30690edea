import { randomUUID } from 'node:crypto';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { operationUseCases } from '../../src/application/operation-use-cases.ts';
import { Unavailable, type Context } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import type { VirtuozzoKey, VirtuozzoKeys, VirtuozzoPlatform } from '../../src/application/virtuozzo.ts';
import { alertRulesOf } from '../../src/composition/alert-rules.ts';
import { loadConfig } from '../../src/config.ts';
import { team } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { tokens } from '../workers/stories.ts';

export const teamId = randomUUID();
export const owner = { teamId, userId: randomUUID() };
export const developer = { teamId, userId: randomUUID() };
const probeSeconds = 60;

export const context = (userId?: string): Context => ({
  actor: userId === undefined ? { kind: 'system' } : { kind: 'user', userId },
  correlationId: randomUUID(),
  causationId: randomUUID(),
});

interface Row extends VirtuozzoKey {
  dueAt: Date;
  createdAt: Date;
  holder?: string;
  until?: Date;
}

/** Keys as the vault keeps them, in memory. */
export function memoryVirtuozzoKeys(clock: () => Date): VirtuozzoKeys & { rows: Map<string, Row> } {
  const rows = new Map<string, Row>();
  const isFree = (row: Row, now: Date) => row.dueAt <= now && (row.until === undefined || row.until <= now);
  const held = (linkId: string, holder: string) => {
    const row = rows.get(linkId);
    return row?.holder === holder ? row : undefined;
  };
  return {
    rows,
    save: (key, dueAt) => Promise.resolve(void rows.set(key.linkId, { ...key, dueAt, createdAt: clock() })),
    load: (linkId) => Promise.resolve(rows.get(linkId)),
    due: (now, limit) => Promise.resolve([...rows.values()].filter((row) => isFree(row, now)).slice(0, limit)),
    claim: (linkId, holder, now, until) => {
      const row = rows.get(linkId);
      if (row === undefined || !isFree(row, now)) return Promise.resolve(undefined);
      Object.assign(row, { holder, until });
      return Promise.resolve({ ...row });
    },
    renew: (linkId, holder, secret, obtainedAt) => {
      const row = held(linkId, holder);
      if (row) rows.set(linkId, { ...row, secret, obtainedAt });
      return Promise.resolve(row !== undefined);
    },
    release: (linkId, holder, dueAt) => {
      const row = held(linkId, holder);
      if (row) {
        const { linkId: of, teamId: ofTeam, secret, obtainedAt, createdAt } = row;
        rows.set(linkId, { linkId: of, teamId: ofTeam, secret, obtainedAt, createdAt, dueAt });
      }
      return Promise.resolve();
    },
    wipe: (linkId) => {
      const row = rows.get(linkId);
      rows.delete(linkId);
      return Promise.resolve(row);
    },
  };
}

/** The platform as a person finds it: it answers, or not, and knows which keys and tokens are good. */
function fakePlatform() {
  let number = 0;
  const platform = {
    answers: true,
    givesTokens: true,
    sessions: new Set<string>(),
    tokens: new Set<string>(),
    calls: [] as string[],
    /** Runs within the next login by token. */
    meanwhile: undefined as (() => Promise<void>) | undefined,
  };
  const asked = (name: string): Promise<void> => {
    platform.calls.push(name);
    return platform.answers ? Promise.resolve() : Promise.reject(new Unavailable('virtuozzo'));
  };
  const session = () => {
    const sessionKey = `session-${String((number += 1))}`;
    platform.sessions.add(sessionKey);
    return { kind: 'signed-in', sessionKey } as const;
  };
  const port: VirtuozzoPlatform = {
    signIn: async (_login, password) => {
      await asked('signIn');
      if (password === 'second factor') return { kind: 'refused', reason: 'two-factor' };
      return password === 'right' ? session() : { kind: 'refused', reason: 'credentials' };
    },
    signInByToken: async (token) => {
      await asked('signInByToken');
      await platform.meanwhile?.();
      return platform.tokens.has(token) ? session() : { kind: 'refused', reason: 'credentials' };
    },
    createToken: async () => {
      await asked('createToken');
      if (!platform.givesTokens) return undefined;
      const token = `token-${String((number += 1))}`;
      platform.tokens.add(token);
      return { token, tokenId: token };
    },
    accepts: async (sessionKey) => {
      await asked('accepts');
      return platform.sessions.has(sessionKey);
    },
    signOut: async (sessionKey) => {
      await asked('signOut');
      platform.sessions.delete(sessionKey);
    },
    deleteToken: async (_sessionKey, tokenId) => {
      await asked('deleteToken');
      platform.tokens.delete(tokenId);
    },
  };
  return { platform, port };
}

/** A team with an Owner and a developer, over memory. */
export async function virtuozzoWorld() {
  const world = { now: new Date('2026-03-01T12:00:00.000Z') };
  const clock = () => world.now;
  const eventStore = memoryEventStore({ clock });
  const keys = memoryVirtuozzoKeys(clock);
  const { platform, port } = fakePlatform();
  const ports = {
    eventStore,
    clock,
    tokens,
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    backOff: () => Promise.resolve(),
    pause: () => Promise.resolve(),
    mailer: {
      send: () => Promise.reject(new Error('no mail here')),
      find: () => Promise.resolve(undefined),
      acceptsUs: () => Promise.resolve(true),
    },
    measure: () => Promise.resolve({}),
    alertRules: alertRulesOf(loadConfig({})),
    virtuozzoKeys: keys,
    virtuozzoPlatform: port,
    virtuozzoSettings: { probeSeconds, keySeconds: 3600 },
    retentionSettings: { email: null, geo_check: null },
    retentionTables: {
      progress: () => Promise.resolve(undefined),
      save: () => Promise.resolve(),
      ended: () => Promise.resolve([]),
      keepTimes: () => Promise.resolve(),
    },
    streamAges: { set: () => Promise.resolve(false) },
  };
  await foundTeam(eventStore, world.now);
  const types = async () => {
    const { events } = await eventStore.readStream(streams.virtuozzo(teamId));
    return events.map(({ event }) => event.type);
  };
  return {
    world,
    keys,
    platform,
    types,
    eventStore,
    useCases: operationUseCases(ports),
    with: (other: Partial<typeof ports>) => operationUseCases({ ...ports, ...other }),
    /** Lets the keys be due. */
    later: (seconds = probeSeconds) => (world.now = new Date(world.now.getTime() + seconds * 1000)),
  };
}

async function foundTeam(eventStore: ReturnType<typeof memoryEventStore>, now: Date): Promise<void> {
  const roleIds = { owner: 'owner', manager: 'manager', developer: 'developer' };
  const create = { type: 'CreateTeam', teamId, name: 'Acme', ownerId: owner.userId, roleIds, now } as const;
  const joined: TeamEvent = {
    type: 'MemberAdded',
    data: { teamId, userId: developer.userId, roleId: 'developer', at: now.toISOString() },
  };
  const events = [...team.decide(create, team.initialState), joined];
  const news = events.map((event) => ({ id: randomUUID(), event, context: context() }));
  await eventStore.append(streams.team(teamId), news, 'no-stream');
  const catalogue = ['team.view', 'server.manage'].map((permission) => ({
    id: randomUUID(),
    event: { type: 'PermissionAdded', data: { permission, description: '', at: now.toISOString() } } as const,
    context: context(),
  }));
  await eventStore.append(streams.permissionCatalogue(), catalogue, 'no-stream');
}
