import { randomBytes, randomUUID } from 'node:crypto';
import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import type { Limit } from '../../src/application/limits.ts';
import type {
  AccessTokenClaims,
  Context,
  Credentials,
  PasswordHash,
  Passwords,
  SessionRecord,
} from '../../src/application/ports.ts';
import type { SessionCache } from '../../src/application/session-cache.ts';
import { useCases } from '../../src/application/use-cases.ts';
import type { Ports } from '../../src/application/use-case-ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { EventOf, EventType } from '../../src/domain/events.ts';
import { verdictsInMemory } from './verdicts-in-memory.ts';

export const password = 'a river under the old bridge';
export const email = 'ada@example.com';
export const laptop = 'l'.repeat(43);
export const stranger = 's'.repeat(43);
export const ip = '203.0.113.7';

export async function refusal(run: Promise<unknown>): Promise<DomainError> {
  const error: unknown = await run.then(
    () => raise('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DomainError)) throw error;
  return error;
}

export const codeOf = async (run: Promise<unknown>) => (await refusal(run)).code;

export const anonymous = (): Context => ({
  actor: { kind: 'anonymous' },
  correlationId: randomUUID(),
  causationId: randomUUID(),
});

/** Every use case over memory, at a time that the test moves, with one person who has an account and a trusted laptop. */
export async function passwordWorld(changes: Partial<Ports> = {}) {
  let now = Date.parse('2026-03-01T12:00:00.000Z');
  const clock = () => new Date(now);
  const eventStore = memoryEventStore({ clock });
  const credentials = credentialsInMemory();
  const ports: Ports = { ...portsInMemory(clock), eventStore, credentials, ...changes };
  const service = useCases(ports);
  const events = <Type extends EventType>(type: Type) =>
    eventStore.all().filter((recorded) => recorded.event.type === type) as (ReturnType<
      typeof eventStore.all
    >[number] & {
      event: EventOf<Type>;
    })[];

  await service.submitRegistration(
    { email, password, name: 'Ada Lovelace', teamName: 'Analytical Engines', deviceToken: laptop },
    anonymous(),
  );
  const { userId, teamId } = events('RegistrationSubmitted')[0]?.event.data ?? raise('no registration');
  await service.completeRegistration({ userId }, anonymous());
  const verification = ports.tokens.issue('verification', [
    userId,
    ports.tokens.derivedId(userId, 'first verification'),
  ]);
  await service.verifyEmail({ token: verification, deviceToken: laptop }, anonymous());

  const startLogin = (given = password, deviceToken = laptop, address = email) =>
    service.startLogin(
      { email: address, password: given, remember: false, transport: 'bearer', deviceToken, ip },
      anonymous(),
    );
  return {
    ...service,
    ports,
    events,
    userId,
    teamId,
    hashes: credentials.hashes,
    later: (milliseconds: number) => void (now += milliseconds),
    startLogin,
    selectTeam: (loginId: string, loginToken: string) =>
      service.selectTeam({ loginId, loginToken, teamId }, anonymous()),
    async logIn(given = password) {
      const { view } = await startLogin(given);
      return service.selectTeam({ loginId: view.loginId, loginToken: view.loginToken, teamId }, anonymous());
    },
    /** The token of the link that the next mail would have. */
    async askForLink(address = email): Promise<string> {
      await service.requestPasswordReset({ email: address }, anonymous());
      const { id, event } = events('PasswordResetRequested').at(-1) ?? raise('nothing was asked for');
      const cause = { userId: event.data.userId ?? raise('nobody'), causedBy: id, requestedAt: event.data.at };
      await service.issuePasswordReset(cause, anonymous());
      const { resetId } = events('PasswordResetIssued').at(-1)?.event.data ?? raise('no link');
      return ports.tokens.issue('reset', [userId, resetId]);
    },
  };
}

function raise(what: string): never {
  throw new Error(what);
}

export const plainPasswords = (scheme = 'plain'): Passwords => ({
  hash: (given) => Promise.resolve({ scheme, pepperVersion: 1, hash: `${scheme} ${given}` }),
  verify: (given, stored) => Promise.resolve(stored !== undefined && stored.hash === `${stored.scheme} ${given}`),
  isCurrent: (stored) => stored.scheme === scheme,
  isCommon: (given) => given === 'password1234',
});

function credentialsInMemory(): Credentials & { readonly hashes: Map<string, PasswordHash> } {
  const hashes = new Map<string, PasswordHash>();
  return {
    hashes,
    save: (id, _userId, hash) => Promise.resolve(void hashes.set(id, hash)),
    load: (id) => Promise.resolve(hashes.get(id)),
    replace: (id, known, hash) => {
      const stands = hashes.get(id)?.hash === known.hash;
      if (stands) hashes.set(id, hash);
      return Promise.resolve(stands);
    },
    remove: () => Promise.resolve(),
    list: () => Promise.resolve([]),
    discard: (id) => Promise.resolve(void hashes.delete(id)),
  };
}

function sessionsInMemory(): SessionCache {
  const records = new Map<string, SessionRecord>();
  return {
    put: (record) => Promise.resolve(void records.set(record.sessionId, record)),
    putTeamEpoch: () => Promise.resolve(),
    use: ({ sessionId }, now) => {
      const record = records.get(sessionId);
      return Promise.resolve(record && { record, lastUsedAt: now, isTrusted: true, teamEpoch: 'unknown' as const });
    },
    lastUsed: () => Promise.resolve(new Map()),
  };
}

const noLimit: Limit = {
  take: () => Promise.resolve(0),
  giveBack: () => Promise.resolve(),
  blockedFor: () => Promise.resolve(0),
};

function portsInMemory(clock: () => Date): Omit<Ports, 'eventStore' | 'credentials'> {
  const never = () => Promise.reject(new Error('no use case of this test comes here'));
  return {
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    backOff: () => Promise.resolve(),
    pause: () => Promise.resolve(),
    verdicts: verdictsInMemory(),
    accessTokens: {
      sign: ({ userId, sessionId, teamId, roleId }) =>
        Promise.resolve({ token: JSON.stringify({ userId, sessionId, teamId, roleId }), expiresInSeconds: 60 }),
      verify: (token) => {
        const expiresAt = new Date(clock().getTime() + 60_000);
        return Promise.resolve({ ...(JSON.parse(token) as AccessTokenClaims), expiresAt });
      },
      publicKeys: never,
    },
    clock,
    deviceName: (userAgent) => userAgent,
    directory: {
      teamsOf: (_userId, position) =>
        Promise.resolve(
          position === 0n ? [{ teamId: 't', name: 'Difference Engines', roleId: 'r', role: 'Owner' }] : [],
        ),
      session: never,
      activeSessions: never,
      lapsedRegistrations: never,
      sessionsInTeam: never,
      access: never,
      invitationsTo: never,
      erasures: never,
    },
    geoIp: null,
    limits: {
      loginFailuresOfIp: noLimit,
      codeTriesOfUser: noLimit,
      codeTriesOfUserADay: noLimit,
      codeTriesOfDevice: noLimit,
      codeMailsOfUser: noLimit,
      mailsOfIp: noLimit,
    },
    loginLimit: { blockedFor: () => Promise.resolve(0), countFailure: () => Promise.resolve() },
    passwords: plainPasswords(),
    personalData: {
      open: (recorded) => Promise.resolve(recorded),
      openFields: never,
      destroyKey: () => Promise.resolve(),
    },
    signNote: never,
    refreshWatch: { failed: () => undefined },
    sessionCache: sessionsInMemory(),
    sessionSettings: { maxSessions: 3, idleTimeoutSeconds: 3600 },
    teamSettings: { maxTeams: 100 },
    tokens: hmacTokens({
      keys: {
        derivation: [{ number: 1, secret: randomBytes(32) }],
        emailHash: randomBytes(32),
        deviceId: randomBytes(32),
      },
    }),
  };
}
