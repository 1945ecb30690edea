import { operationUseCases } from './fake-operations.ts';
import { Writable } from 'node:stream';
import type { RequestListener } from 'node:http';
import type { Express } from 'express';
import { pino } from 'pino';
import { buildApp } from '../../src/api/app.ts';
import { fastPath } from '../../src/api/fast-path.ts';
import type { ApiDependencies } from '../../src/api/dependencies.ts';
import type { ObservedRequest } from '../../src/api/observed-request.ts';
import type { Queries } from '../../src/api/queries.ts';
import type { Limit } from '../../src/application/limits.ts';
import type { Idempotency, StoredAnswer } from '../../src/application/idempotency.ts';
import type { Tokens } from '../../src/application/ports.ts';
import type { SessionGrant } from '../../src/application/sessions/grant-session.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { administrationUseCases } from './fake-administration.ts';
import { teamUseCases } from './fake-teams.ts';
import { invitationUseCases } from './fake-invitations.ts';
import { at, id, loginId, roleId, sessionId, teamId, userId } from './fake-ids.ts';
import { queries } from './fake-queries.ts';
import { session, teams } from './fake-session.ts';

export { session } from './fake-session.ts';
export { at, deviceId, id, loginId, roleId, sessionId, teamId, userId } from './fake-ids.ts';
export const deviceToken = 'd'.repeat(43);
export const accessToken = 'access.token.of-the-session';

const client = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0', place: 'Berlin, DE' };

/** Readable where real tokens are not, and as strict about their purpose. */
export const tokens: Pick<Tokens, 'issue' | 'read' | 'newDeviceToken'> = {
  issue: (purpose, ids, generation = 0) => [purpose, ...ids, String(generation)].join('~'),
  read: (purpose, token) => {
    const [first, ...rest] = token.split('~');
    return first === purpose ? { ids: rest.slice(0, -1), generation: Number(rest.at(-1)) } : undefined;
  },
  newDeviceToken: () => 'n'.repeat(43),
};

export const csrfToken = tokens.issue('csrf', [sessionId]);
export const refreshToken = tokens.issue('refresh', [userId, sessionId]);
export const loginToken = tokens.issue('login', [userId, loginId]);

export const grantFor = (transport: 'bearer' | 'cookie'): SessionGrant => ({
  accessToken,
  refreshToken,
  csrfToken,
  expiresIn: 21_600,
  session: { ...session, transport, generation: 0, position: 77n },
  position: 77n,
});

const step = (status: 'device-approval-required' | 'team-selection-required') => ({
  view: { loginId, loginToken, status, expiresAt: at },
  position: 41n,
});

const receipt = { receiptId: loginId, userId, erasedAt: at, signed: 'erasure receipt\n\n— panel.example AAAA\n' };

const useCases = (): ApiDependencies['useCases'] => ({
  submitRegistration: () => Promise.resolve({ position: 11n }),
  verifyEmail: () => Promise.resolve({ position: 12n }),
  resendVerification: () => Promise.resolve({ position: 13n }),
  ...invitationUseCases,
  ...teamUseCases,
  startLogin: () => Promise.resolve(step('device-approval-required')),
  getLogin: () => Promise.resolve(step('device-approval-required')),
  approveDevice: () => Promise.resolve({ position: 42n, view: { ...step('team-selection-required').view, teams } }),
  resendDeviceCode: () => Promise.resolve(step('device-approval-required')),
  selectTeam: () => Promise.resolve(grantFor('bearer')),
  describeLoginDecision: () =>
    Promise.resolve({
      device: 'Firefox on Linux',
      place: 'Tokyo, Japan',
      ip: client.ip,
      at,
      signals: ['new-country'],
      expiresAt: at,
    }),
  decideLogin: () => Promise.resolve({ position: 84n }),
  refreshSession: () => Promise.resolve(grantFor('bearer')),
  revokeSession: () => Promise.resolve({ position: 78n }),
  endSession: () => Promise.resolve({ position: 79n }),
  switchTeam: () => Promise.resolve(grantFor('bearer')),
  removeDevice: () => Promise.resolve({ position: 80n }),
  ...administrationUseCases,
  ...operationUseCases,
  recordAuditRead: () => Promise.resolve({ position: 99n }),
  describeChange: () => Promise.resolve([{ path: '/status', before: 'unknown', after: 'active' }]),
  describeState: () =>
    Promise.resolve({
      state: { status: 'active' },
      eventId: id(9),
      revision: 3n,
      position: 42n,
      recordedAt: new Date(at),
    }),
  requestPasswordReset: () => Promise.resolve({ position: 81n }),
  resetPassword: () => Promise.resolve({ position: 82n }),
  changePassword: () => Promise.resolve({ position: 83n }),
  eraseMyself: () => Promise.resolve({ position: 84n, receipt }),
  erasePerson: () => Promise.resolve({ position: 84n, receipt }),
  checkSession: (token) =>
    token === accessToken ? Promise.resolve(session) : Promise.reject(new DomainError('session-required')),
  accessOf: () =>
    Promise.resolve({
      team: { teamId, name: 'Acme' },
      role: { roleId, name: 'Owner', kind: 'owner' as const },
      grants: ['*'],
      platform: false,
      idleTimeoutSeconds: null,
    }),
});

export function memoryIdempotency(): Idempotency & {
  readonly kept: Map<string, { fingerprint: string; answer?: StoredAnswer }>;
} {
  const kept = new Map<string, { fingerprint: string; answer?: StoredAnswer }>();
  return {
    kept,
    begin: ({ key, scope, fingerprint }) => {
      const name = `${scope} ${key}`;
      const known = kept.get(name);
      if (known && known.fingerprint !== fingerprint) return Promise.resolve({ kind: 'mismatch' });
      if (known?.answer) return Promise.resolve({ kind: 'replay', answer: known.answer });
      if (known) return Promise.resolve({ kind: 'in-progress' });
      kept.set(name, { fingerprint });
      return Promise.resolve({
        kind: 'run',
        finish: (answer) => Promise.resolve(void kept.set(name, { fingerprint, answer })),
        abandon: () => Promise.resolve(void kept.delete(name)),
      });
    },
  };
}

export interface FakeService {
  /** As it is served. */
  readonly app: RequestListener;
  /** Without the fast path. */
  readonly express: Express;
  readonly deps: ApiDependencies;
  /** Parsed lines of the log. */
  readonly logged: Record<string, unknown>[];
  readonly observed: ObservedRequest[];
}

export interface Changes extends Partial<Omit<ApiDependencies, 'useCases' | 'queries'>> {
  readonly useCases?: Partial<ApiDependencies['useCases']>;
  readonly queries?: Partial<Queries>;
}

/** The api over a service that does nothing but answer. */
export function fakeService(changes: Changes = {}): FakeService {
  const logged: Record<string, unknown>[] = [];
  const observed: ObservedRequest[] = [];
  const lines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  let ids = 100;
  const deps: ApiDependencies = {
    tokens,
    accessTokens: { publicKeys: () => Promise.resolve({ keys: [{ kty: 'OKP', kid: 'one' }] }) },
    idempotency: memoryIdempotency(),
    limits: { mailsOfIp: noLimit },
    sessionSettings: { maxSessions: 3 },
    waitForPosition: () => Promise.resolve(true),
    newId: () => id((ids += 1)),
    clock: () => new Date(at),
    deviceName: () => 'Firefox on Linux',
    logger: pino({ level: 'debug' }, lines),
    trustProxy: [],
    publicUrl: 'https://auth.example.com',
    readiness: () =>
      Promise.resolve({
        ready: true,
        dependencies: { 'session-store': { status: 'up', circuit: 'closed' } },
        projections: [
          {
            name: 'users',
            version: 1,
            status: 'live',
            position: 42n,
            lag: 0n,
            parked: 0,
            updatedAt: new Date(at),
            rebuild: undefined,
          },
        ],
      }),
    webhookAuthorised: () => true,
    admission: { onLoopLoad: () => undefined, refused: () => undefined, hashQueue: 64 },
    metricsText: () => Promise.resolve('mbauth_up 1\n'),
    observeRequest: (request) => observed.push(request),
    links: { mailbox: 'http://localhost:8025' },
    ...changes,
    useCases: { ...useCases(), ...changes.useCases },
    queries: { ...queries(), ...changes.queries },
  };
  const app = buildApp(deps);
  return { app: fastPath(deps, app), express: app, deps, logged, observed };
}

export const bearer = { Authorization: `Bearer ${accessToken}` };
export const ofLogin = { Authorization: `Bearer ${loginToken}` };
export const cookies = { Cookie: `__Host-access=${accessToken}; __Host-refresh=${refreshToken}` };

export const setCookiesOf = (response: { headers: Record<string, unknown> }): string[] =>
  (response.headers['set-cookie'] as string[] | undefined) ?? [];

/** Never reached. */
const noLimit: Limit = {
  take: () => Promise.resolve(0),
  giveBack: () => Promise.resolve(),
  blockedFor: () => Promise.resolve(0),
};

/** A use case that keeps what it was called with. */
export function recording<Arguments extends unknown[], Result>(result: (...given: Arguments) => Promise<Result>) {
  const calls: Arguments[] = [];
  const useCase = (...given: Arguments) => {
    calls.push(given);
    return result(...given);
  };
  return Object.assign(useCase, { calls });
}
