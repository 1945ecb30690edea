import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import type { AccessTokenClaims, Context, SessionRecord } from '../../src/application/ports.ts';
import type { SessionCache } from '../../src/application/session-cache.ts';
import { cacheSessions } from '../../src/application/sessions/cache-sessions.ts';
import { checkSession } from '../../src/application/sessions/check-session.ts';
import { endSession } from '../../src/application/sessions/end-session.ts';
import { grantSession } from '../../src/application/sessions/grant-session.ts';
import { lookUpSession } from '../../src/application/sessions/look-up-session.ts';
import { followTeam } from '../../src/application/sessions/follow-team.ts';
import { switchTeam } from '../../src/application/sessions/switch-team.ts';
import { teamOfSession } from '../../src/application/sessions/team-of-session.ts';
import { streams } from '../../src/application/streams.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { defaultRoles } from '../../src/domain/team/default-roles.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const clock = () => now;
const at = now.toISOString();
const context: Context = { actor: { kind: 'system' }, correlationId: 'test', causationId: 'test' };

/** Ada owns both teams; Bob and Eve are developers in the first, and Eve owns the second too. */
const [ada, bob, eve, bridges, gardens] = Array.from({ length: 5 }, () => randomUUID()) as [
  string,
  string,
  string,
  string,
  string,
];

let world: Awaited<ReturnType<typeof newWorld>>;
beforeEach(async () => {
  world = await newWorld();
});

async function newWorld() {
  const eventStore = memoryEventStore({ clock });
  const cached = new Map<string, SessionRecord>();
  const sessionCache: SessionCache = {
    put: (record) => {
      const known = cached.get(record.sessionId);
      if (known === undefined || known.revision <= record.revision) cached.set(record.sessionId, record);
      return Promise.resolve();
    },
    putTeamEpoch: () => Promise.resolve(),
    use: ({ sessionId }) => {
      const record = cached.get(sessionId);
      return Promise.resolve(record && { record, lastUsedAt: now, isTrusted: true, teamEpoch: 'unknown' as const });
    },
    lastUsed: () => Promise.resolve(new Map()),
  };
  const handling = {
    eventStore,
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    backOff: () => Promise.resolve(),
    clock,
  };
  const record = (stream: string, events: readonly DomainEvent[]) =>
    eventStore.append(
      stream,
      events.map((event) => ({ id: randomUUID(), event, context })),
      'any',
    );
  const accessTokens = {
    sign: (claims: AccessTokenClaims) => {
      const { userId, sessionId, teamId, roleId } = claims;
      return Promise.resolve({ token: JSON.stringify({ userId, sessionId, teamId, roleId }), expiresInSeconds: 60 });
    },
    verify: (token: string) => Promise.resolve({ ...(JSON.parse(token) as AccessTokenClaims), expiresAt: now }),
    publicKeys: () => Promise.resolve({ keys: [] }),
  };
  const tokens = hmacTokens({
    keys: {
      derivation: [{ number: 1, secret: randomBytes(32) }],
      emailHash: randomBytes(32),
      deviceId: randomBytes(32),
    },
  });
  /** As the read model has it. */
  const shown = new Map<string, SessionRecord>();
  const directory = {
    session: (sessionId: string) => Promise.resolve(shown.get(sessionId)),
    teamsOf: () => Promise.resolve([]),
    activeSessions: () => Promise.resolve([]),
    lapsedRegistrations: () => Promise.resolve([]),
    sessionsInTeam: () => Promise.resolve([]),
    access: () => Promise.resolve(undefined),
  };
  const cache = cacheSessions({ sessionCache, clock });
  const deps = {
    ...handling,
    accessTokens,
    sessionCache,
    directory,
    cacheSessions: cache,
    lookUpSession: lookUpSession({ ...handling, sessionCache, directory, cacheSessions: cache }),
    describeTakeover: () => Promise.resolve({}),
    teamOfSession: teamOfSession({ ...handling, sessionSettings: { idleTimeoutSeconds: 3600 } }),
    grantSession: grantSession({ accessTokens, tokens, clock }),
  };
  await record(streams.team(bridges), teamWith(bridges, { [ada]: 'owner', [bob]: 'developer', [eve]: 'developer' }));
  await record(streams.team(gardens), teamWith(gardens, { [eve]: 'owner', [ada]: 'owner' }));
  return {
    cached,
    shown,
    check: checkSession(deps),
    end: endSession(deps),
    switchTo: switchTeam({ ...deps, followTeam: followTeam(deps) }),
    /** Their session in a team, and its access token. */
    async session(userId: string, teamId: string) {
      const ids = { sessionId: randomUUID(), userId, teamId, roleId: roleIn(teamId, 'owner'), deviceId: randomUUID() };
      const rest = { loginId: randomUUID(), remember: false, transport: 'bearer' as const, idleTimeoutSeconds: 3600 };
      const expiresAt = '2026-03-02T12:00:00.000Z';
      await record(streams.sessions(userId), [{ type: 'SessionStarted', data: { ...ids, ...rest, expiresAt, at } }]);
      shown.set(ids.sessionId, {
        ...ids,
        status: 'active',
        revision: 0n,
        startedAt: at,
        expiresAt,
        idleTimeoutSeconds: 3600,
      });
      return { ...ids, token: JSON.stringify(ids) };
    },
  };
}

const roleIn = (teamId: string, kind: string) => `${teamId} ${kind}`;

function teamWith(teamId: string, members: Readonly<Record<string, string>>): DomainEvent[] {
  return [
    { type: 'TeamCreated', data: { teamId, name: 'Team', createdBy: Object.keys(members)[0] ?? '', at } },
    ...defaultRoles.map((role): DomainEvent => ({
      type: 'RoleAdded',
      data: { teamId, roleId: roleIn(teamId, role.kind), ...role, at },
    })),
    ...Object.entries(members).map(([userId, kind]): DomainEvent => ({
      type: 'MemberAdded',
      data: { teamId, userId, roleId: roleIn(teamId, kind), at },
    })),
  ];
}

async function refusal(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'none',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
}

describe('switching the team', () => {
  it('makes the access token before it worthless, and leaves session and refresh token as they are', async () => {
    const { sessionId, token } = await world.session(ada, bridges);
    expect(await world.check(token)).toMatchObject({ teamId: bridges });
    const grant = await world.switchTo({ userId: ada, sessionId, teamId: gardens }, context);
    expect(grant.session).toMatchObject({ sessionId, teamId: gardens, generation: 0 });
    expect(await refusal(world.check(token))).toBe('session-team-changed');
    expect(await world.check(grant.accessToken)).toMatchObject({ teamId: gardens, roleId: roleIn(gardens, 'owner') });
  });

  it('holds where the fast copy still shows the team before', async () => {
    const { sessionId, token } = await world.session(ada, bridges);
    await world.check(token);
    const before = world.cached.get(sessionId) ?? expect.fail();
    const grant = await world.switchTo({ userId: ada, sessionId, teamId: gardens }, context);
    world.cached.set(sessionId, before);
    expect(await world.check(grant.accessToken)).toMatchObject({ teamId: gardens, roleId: roleIn(gardens, 'owner') });
  });

  it('is for members only', async () => {
    const { sessionId, token } = await world.session(bob, bridges);
    expect(await refusal(world.switchTo({ userId: bob, sessionId, teamId: gardens }, context))).toBe('team-not-found');
    expect(await refusal(world.switchTo({ userId: bob, sessionId, teamId: randomUUID() }, context))).toBe(
      'team-not-found',
    );
    expect(await world.check(token)).toMatchObject({ teamId: bridges });
  });
});

describe('ending the session of a member', () => {
  const by = (userId: string, teamId: string) => ({ userId, teamId });

  it('is for whoever may manage the people of the team', async () => {
    const { sessionId, token } = await world.session(bob, bridges);
    await world.end({ caller: by(ada, bridges), sessionId }, context);
    expect(await refusal(world.check(token))).toBe('session-revoked');
  });

  it('needs the permission, whatever the role was when the session began', async () => {
    const { sessionId } = await world.session(ada, bridges);
    expect(await refusal(world.end({ caller: by(bob, bridges), sessionId }, context))).toBe('permission-missing');
  });

  it('does not reach into another team, nor to one that the session has gone to', async () => {
    const inGardens = await world.session(eve, gardens);
    expect(await refusal(world.end({ caller: by(ada, bridges), sessionId: inGardens.sessionId }, context))).toBe(
      'not-found',
    );
    const gone = await world.session(eve, bridges);
    const grant = await world.switchTo({ userId: eve, sessionId: gone.sessionId, teamId: gardens }, context);
    expect(await refusal(world.end({ caller: by(ada, bridges), sessionId: gone.sessionId }, context))).toBe(
      'not-found',
    );
    expect(await world.check(grant.accessToken)).toMatchObject({ teamId: gardens });
    const stranger = { userId: randomUUID(), teamId: bridges };
    const left = await world.session(bob, bridges);
    expect(await refusal(world.end({ caller: stranger, sessionId: left.sessionId }, context))).toBe('not-found');
  });

  it('refuses what does not exist', async () => {
    expect(await refusal(world.end({ caller: by(ada, bridges), sessionId: randomUUID() }, context))).toBe('not-found');
  });
});
