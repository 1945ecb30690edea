import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import type { Limit, Limits } from '../../src/application/limits.ts';
import type { Context, Credentials, PasswordHash, Passwords } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { useCases } from '../../src/application/use-cases.ts';
import type { Ports } from '../../src/application/use-case-ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { verdictsInMemory } from './verdicts-in-memory.ts';

/*
 * Whether an address is known must not show in how long an answer takes. A stopwatch would prove little and fail often,
 * so the work is compared: every call of a port, in its order. Only the calls count that cost something or wait.
 */

const password = 'a river under the old bridge';
const unknown = 'nobody@example.com';
const pending = 'grace@example.com';
const active = 'ada@example.com';
const locked = 'alan@example.com';
const lockedByAdministrator = 'joan@example.com';

let calls: string[];
let work: ReturnType<typeof useCases>;
let setup: ReturnType<typeof useCases>;

beforeEach(async () => {
  calls = [];
  const ports = portsInMemory();
  setup = useCases(ports);
  work = useCases(counting(ports));
  await register(pending, ports);
  for (const email of [active, locked]) await verify(await register(email, ports), ports);
  await lock(lockedByAdministrator, ports);
  for (let failures = 0; failures < 10; failures++) await refusal(() => logIn(setup, locked, 'wrong'));
});

describe('registering', () => {
  it('takes the same steps for an address that is free, waits for its verification, or has an account', async () => {
    const ofUnknown = await stepsOf(() => submit(work, unknown));
    expect(await stepsOf(() => submit(work, pending))).toEqual(ofUnknown);
    expect(await stepsOf(() => submit(work, active))).toEqual(ofUnknown);
    expect(ofUnknown).toEqual(expect.arrayContaining(['passwords.hash', 'credentials.save', 'eventStore.append']));
  });
});

describe('a login that is refused', () => {
  it('takes the same steps for an unknown address and a wrong password', async () => {
    const ofUnknown = await stepsOf(() => logIn(work, unknown, password));
    expect(await stepsOf(() => logIn(work, active, 'wrong'))).toEqual(ofUnknown);
    expect(ofUnknown).toContain('passwords.verify');
    expect(ofUnknown.filter((call) => call === 'eventStore.append')).toHaveLength(1);
  });

  it('takes them for an address that is not verified yet, too', async () => {
    const ofUnknown = await stepsOf(() => logIn(work, unknown, password));
    expect(await stepsOf(() => logIn(work, pending, 'wrong'))).toEqual(ofUnknown);
  });

  it('takes them for a locked account, whatever the password', async () => {
    const ofUnknown = await stepsOf(() => logIn(work, unknown, password));
    expect(await stepsOf(() => logIn(work, locked, 'wrong'))).toEqual(ofUnknown);
    expect(await stepsOf(() => logIn(work, locked, password))).toEqual(ofUnknown);
    expect(await stepsOf(() => logIn(work, lockedByAdministrator, 'wrong'))).toEqual(ofUnknown);
    expect(await stepsOf(() => logIn(work, lockedByAdministrator, password))).toEqual(ofUnknown);
  });

  it('gives the same refusal', async () => {
    const codes = [
      await refusal(() => logIn(work, unknown, password)),
      await refusal(() => logIn(work, active, 'wrong')),
      await refusal(() => logIn(work, pending, 'wrong')),
      await refusal(() => logIn(work, locked, password)),
      await refusal(() => logIn(work, lockedByAdministrator, password)),
    ];
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'invalid-credentials'));
  });
});

describe('asking for the verification mail again', () => {
  it('takes the same steps for every address, within the limit and beyond it', async () => {
    for (let attempt = 1; attempt <= 4; attempt++) {
      const ofUnknown = await stepsOf(() => resend(unknown));
      expect(await stepsOf(() => resend(pending))).toEqual(ofUnknown);
      expect(await stepsOf(() => resend(active))).toEqual(ofUnknown);
    }
  });
});

describe('asking for a new password', () => {
  it('takes the same steps for every address, within the limit and beyond it', async () => {
    for (let attempt = 1; attempt <= 4; attempt++) {
      const ofUnknown = await stepsOf(() => forget(unknown));
      expect(await stepsOf(() => forget(pending))).toEqual(ofUnknown);
      expect(await stepsOf(() => forget(active))).toEqual(ofUnknown);
      expect(await stepsOf(() => forget(locked))).toEqual(ofUnknown);
      expect(await stepsOf(() => forget(lockedByAdministrator))).toEqual(ofUnknown);
      expect(ofUnknown.includes('eventStore.append')).toBe(attempt <= 3);
    }
  });
});

it('the comparison sees a difference where there is one', async () => {
  const ofUnknown = await stepsOf(() => logIn(work, unknown, password));
  expect(await stepsOf(() => logIn(work, active, password))).not.toEqual(ofUnknown);
});

async function lock(email: string, ports: PortsInMemory): Promise<void> {
  const userId = await register(email, ports);
  await verify(userId, ports);
  const event = { type: 'UserLocked', data: { userId, at: ports.clock().toISOString() } } as const;
  await ports.eventStore.append(streams.user(userId), [{ id: randomUUID(), event, context: context() }], 'any');
}

async function stepsOf(run: () => Promise<unknown>): Promise<string[]> {
  calls.length = 0;
  await run().catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
  return [...calls];
}

async function refusal(run: () => Promise<unknown>): Promise<string | undefined> {
  return run().then(
    () => undefined,
    (error: unknown) => (error as DomainError).code,
  );
}

const submit = (service: typeof work, email: string) =>
  service.submitRegistration({ email, password, name: 'Ada', teamName: 'Bridge Works', deviceToken: 'a' }, context());

const logIn = (service: typeof work, email: string, given: string) =>
  service.startLogin(
    { email, password: given, remember: false, transport: 'bearer', deviceToken: 'a', ip: '203.0.113.7' },
    context(),
  );

const resend = (email: string) => work.resendVerification({ email }, context());

const forget = (email: string) => work.requestPasswordReset({ email }, context());

const context = (): Context => ({
  actor: { kind: 'anonymous' },
  correlationId: randomUUID(),
  causationId: randomUUID(),
});

async function register(email: string, ports: PortsInMemory): Promise<string> {
  await submit(setup, email);
  const userId = ports.eventStore
    .all()
    .findLast(({ event }) => event.type === 'RegistrationSubmitted')
    ?.stream.slice(5);
  await setup.completeRegistration({ userId: userId ?? expect.fail() }, context());
  return userId ?? expect.fail();
}

async function verify(userId: string, { tokens }: PortsInMemory): Promise<void> {
  const token = tokens.issue('verification', [userId, tokens.derivedId(userId, 'first verification')]);
  await setup.verifyEmail({ token, deviceToken: undefined }, context());
}

/** Calls that reach a store or burn time; the rest of the ports computes for some microseconds. */
const counted: readonly Exclude<keyof Ports, 'geoIp' | 'bootstrapAdminEmail' | 'recent' | 'tracing'>[] = [
  'accessTokens',
  'credentials',
  'directory',
  'eventStore',
  'loginLimit',
  'passwords',
  'personalData',
  'sessionCache',
  'snapshots',
];

function counting(ports: Ports): Ports {
  const watched = Object.fromEntries(counted.map((name) => [name, watch(name, ports[name])]));
  return { ...ports, ...watched };
}

function watch(name: string, port: object): object {
  return new Proxy(port, {
    get: (target, method: string) => {
      const found: unknown = Reflect.get(target, method);
      if (typeof found !== 'function' || method === 'isCommon') return found;
      return (...given: unknown[]) => {
        calls.push(`${name}.${method}`);
        return found.apply(target, given) as unknown;
      };
    },
  });
}

type PortsInMemory = ReturnType<typeof portsInMemory>;

function portsInMemory() {
  const clock = () => new Date('2026-03-01T12:00:00.000Z');
  const never = () => Promise.reject(new Error('no use case of this test comes here'));
  return {
    eventStore: memoryEventStore({ clock }),
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    backOff: () => Promise.resolve(),
    accessTokens: { sign: never, verify: never, publicKeys: never },
    clock,
    credentials: credentialsInMemory(),
    deviceName: (userAgent: string) => userAgent,
    directory: {
      teamsOf: () => Promise.resolve([]),
      session: never,
      activeSessions: never,
      lapsedRegistrations: never,
      sessionsInTeam: never,
      invitationsTo: never,
      erasures: never,
      access: never,
    },
    geoIp: null,
    limits: noLimits,
    pause: never,
    loginLimit: { blockedFor: () => Promise.resolve(0), countFailure: () => Promise.resolve() },
    passwords: plainPasswords,
    personalData: {
      open: <T>(recorded: T) => Promise.resolve(recorded),
      openFields: never,
      destroyKey: () => Promise.resolve(),
    },
    signNote: never,
    refreshWatch: { failed: never },
    sessionCache: { put: never, putTeamEpoch: never, use: never, lastUsed: never },
    sessionSettings: { maxSessions: 1, idleTimeoutSeconds: 3600 },
    teamSettings: { maxTeams: 100 },
    verdicts: verdictsInMemory(),
    tokens: hmacTokens({
      keys: {
        derivation: [{ number: 1, secret: randomBytes(32) }],
        emailHash: randomBytes(32),
        deviceId: randomBytes(32),
      },
    }),
  };
}

const noLimit: Limit = {
  take: () => Promise.resolve(0),
  giveBack: () => Promise.resolve(),
  blockedFor: () => Promise.resolve(0),
};
const noLimits: Limits = {
  loginFailuresOfIp: noLimit,
  codeTriesOfUser: noLimit,
  codeTriesOfUserADay: noLimit,
  codeTriesOfDevice: noLimit,
  codeMailsOfUser: noLimit,
  mailsOfIp: noLimit,
};

const plainPasswords: Passwords = {
  hash: (given) => Promise.resolve({ scheme: 'plain', pepperVersion: 1, hash: given }),
  verify: (given, hash) => Promise.resolve(hash?.hash === given),
  isCurrent: () => true,
  isCommon: () => false,
};

function credentialsInMemory(): Credentials {
  const hashes = new Map<string, PasswordHash>();
  return {
    save: (id, _userId, hash) => Promise.resolve(void hashes.set(id, hash)),
    load: (id) => Promise.resolve(hashes.get(id)),
    replace: (id, _known, hash) => Promise.resolve(hashes.has(id) && hashes.set(id, hash).has(id)),
    remove: () => Promise.resolve(),
    list: () => Promise.resolve([]),
    discard: (id) => Promise.resolve(void hashes.delete(id)),
  };
}
