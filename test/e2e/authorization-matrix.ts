import { randomUUID } from 'node:crypto';

/** Every kind of caller. `without` and `with`: a member without and with the permission that the route asks for. */
export const callers = [
  'nobody',
  'expired',
  'loginOnly',
  'without',
  'with',
  'owner',
  'foreign',
  'admin',
  'reviewer',
  'deactivated',
  'removed',
] as const;
export type Caller = (typeof callers)[number];

export type Expected = Readonly<Record<Caller, number>>;

/** What requests are about: the team of `owner`, and ids that name nothing. */
export interface Subject {
  readonly teamId: string;
  readonly ownerId: string;
  /** Of that team. */
  readonly eventId: string;
  /** Two more teams of `owner`, with the same members in the same roles: one to leave, one to close. */
  readonly toLeave: string;
  readonly toClose: string;
}

interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
  /** What a page sends, as a form. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface Row {
  readonly expected: Expected;
  readonly request?: (about: Subject) => Request;
  /** Ends the caller's session: asked last. */
  readonly last?: true;
}

/** Not a UUID of anything. */
export const nothing = '01997000-0000-7000-8000-000000000000';
const strangePassword = 'no such password in this place';

const everybody = (status: number): Expected => same(callers, status);
const same = (names: readonly Caller[], status: number) =>
  Object.fromEntries(names.map((name) => [name, status])) as unknown as Expected;

const noSession = same(['nobody', 'expired', 'loginOnly', 'deactivated', 'removed'], 401);

/** About oneself: a session is enough. */
const own = (status: number): Expected => ({ ...everybody(status), ...noSession });

/** Within the team: whoever is no member is told that there is no such team. */
const ofTeam = (status: Pick<Expected, 'without' | 'with' | 'owner'>): Expected => ({
  ...everybody(404),
  ...noSession,
  ...status,
});
const ofMembers = (status: number) => ofTeam({ without: status, with: status, owner: status });
const byPermission = (status: number) => ofTeam({ without: 403, with: status, owner: status });
const byOwner = (status: number) => ofTeam({ without: 403, with: 403, owner: status });

/** For administrators of the platform. */
const ofPlatform = (status: number): Expected => ({ ...everybody(403), ...noSession, admin: status });

/** Steps of a login: only its own token opens them, and to anybody else there is no such login. */
const ofLogin = (status: number): Expected => ({ ...everybody(404), nobody: 401, loginOnly: status });

/** What mail links open: a page for everybody, which finds out later whether the link is good. */
const pages = (status: number, paths: readonly string[]): Record<string, Row> =>
  Object.fromEntries(paths.map((path) => [`get ${path}`, { expected: everybody(status), ...linkTo(path) }]));

const linkTo = (path: string): Pick<Row, 'request'> =>
  path === '/' || path === '/forgot' ? {} : { request: () => ({ query: 'token=a.token' }) };

/** The history of one's own team with `events.read`; a reviewer's is everybody's. */
const history = (status: number): Expected => ({ ...own(status), without: 403 });

const someone = () => `${randomUUID()}@example.com`;
const password = 'a river under the old bridge';

/**
 * Who may do what: every route of the OpenAPI document. Requests that would change what others need are about something
 * that does not exist: who may go on is told so (404, 422), who may not is stopped before (401, 403).
 */
export const matrix: Readonly<Record<string, Row>> = {
  'post /v1/registrations': {
    expected: everybody(202),
    request: () => ({ body: { email: someone(), password, name: 'Ada', teamName: 'Acme' } }),
  },
  'post /v1/registrations/verify': { expected: everybody(400), request: () => ({ body: { token: 'a.token' } }) },
  'post /v1/registrations/resend': { expected: everybody(202), request: () => ({ body: { email: someone() } }) },

  'post /v1/logins': { expected: everybody(401), request: () => ({ body: { email: someone(), password } }) },
  'get /v1/logins/:loginId': { expected: ofLogin(404), request: () => ({ params: { loginId: nothing } }) },
  'post /v1/logins/:loginId/device-approval': {
    expected: ofLogin(404),
    request: () => ({ params: { loginId: nothing }, body: { code: '123456' } }),
  },
  'post /v1/logins/:loginId/device-approval/resend': {
    expected: ofLogin(404),
    request: () => ({ params: { loginId: nothing } }),
  },
  'post /v1/logins/:loginId/team': {
    expected: ofLogin(404),
    request: ({ teamId }) => ({ params: { loginId: nothing }, body: { teamId } }),
  },
  'get /v1/login-decisions/:token': { expected: everybody(400), request: () => ({ params: { token: 'a.token' } }) },
  'post /v1/login-decisions/:token': {
    expected: everybody(400),
    request: () => ({ params: { token: 'a.token' }, body: { decision: 'approve' } }),
  },

  'post /v1/password/forgot': { expected: everybody(202), request: () => ({ body: { email: someone() } }) },
  'post /v1/password/reset': { expected: everybody(400), request: () => ({ body: { token: 'a.token', password } }) },
  'post /v1/password/change': {
    expected: own(422),
    request: () => ({ body: { currentPassword: strangePassword, password: 'another river, another bridge' } }),
  },

  'post /v1/sessions/refresh': { expected: everybody(401), request: () => ({ body: { refreshToken: 'a.token' } }) },
  'get /v1/session': { expected: own(200) },
  'post /v1/authorize': { expected: own(200), request: () => ({ body: { permissions: ['site.create'] } }) },
  'delete /v1/session': { expected: own(204), last: true },
  'post /v1/session/team': { expected: own(404), request: () => ({ body: { teamId: nothing } }) },
  'get /v1/sessions': { expected: own(200) },
  'delete /v1/sessions/:sessionId': { expected: own(404), request: () => ({ params: { sessionId: nothing } }) },
  'get /.well-known/jwks.json': { expected: everybody(200) },

  'get /v1/devices': { expected: own(200) },
  'delete /v1/devices/:deviceId': { expected: own(404), request: () => ({ params: { deviceId: nothing } }) },
  'get /v1/login-activity': { expected: own(200) },
  'get /v1/me/export': { expected: own(200) },
  'post /v1/me/erase': { expected: own(422), request: () => ({ body: { password: strangePassword } }) },

  'post /v1/teams': {
    expected: { ...own(201), loginOnly: 201 },
    request: () => ({ body: { name: `Team ${randomUUID()}` } }),
  },
  'get /v1/teams': { expected: own(200) },
  'get /v1/teams/:teamId': { expected: ofMembers(200) },
  'patch /v1/teams/:teamId': { expected: byPermission(204), request: () => ({ body: { name: 'Bridge Works' } }) },
  'delete /v1/teams/:teamId': {
    expected: byOwner(204),
    request: ({ toClose }) => ({ params: { teamId: toClose } }),
  },
  'put /v1/teams/:teamId/session-policy': {
    expected: byPermission(204),
    request: () => ({ body: { idleTimeoutSeconds: 3600 } }),
  },
  'get /v1/teams/:teamId/members': { expected: byPermission(200) },
  'patch /v1/teams/:teamId/members/:userId': {
    expected: byPermission(404),
    request: () => ({ params: { userId: nothing }, body: { roleId: nothing } }),
  },
  'delete /v1/teams/:teamId/members/:userId': {
    expected: byPermission(404),
    request: () => ({ params: { userId: nothing } }),
  },
  'post /v1/teams/:teamId/ownership': { expected: byOwner(404), request: () => ({ body: { userId: nothing } }) },
  'post /v1/teams/:teamId/leave': {
    expected: ofTeam({ without: 204, with: 204, owner: 409 }),
    request: ({ toLeave }) => ({ params: { teamId: toLeave } }),
  },
  'get /v1/teams/:teamId/roles': { expected: byPermission(200) },
  'post /v1/teams/:teamId/roles': {
    expected: byPermission(201),
    request: () => ({ body: { name: `Role ${randomUUID().slice(0, 8)}`, permissions: ['site.create'] } }),
  },
  'patch /v1/teams/:teamId/roles/:roleId': {
    expected: byPermission(404),
    request: () => ({ params: { roleId: nothing }, body: { name: 'Another' } }),
  },
  'delete /v1/teams/:teamId/roles/:roleId': {
    expected: byPermission(404),
    request: () => ({ params: { roleId: nothing } }),
  },
  'get /v1/permissions': { expected: own(200) },

  'post /v1/teams/:teamId/invitations': {
    expected: byPermission(404),
    request: () => ({ body: { email: someone(), roleId: nothing } }),
  },
  'get /v1/teams/:teamId/invitations': { expected: byPermission(200) },
  'post /v1/teams/:teamId/invitations/:invitationId/resend': {
    expected: byPermission(404),
    request: () => ({ params: { invitationId: nothing } }),
  },
  'delete /v1/teams/:teamId/invitations/:invitationId': {
    expected: byPermission(404),
    request: () => ({ params: { invitationId: nothing } }),
  },
  'get /v1/invitations/:token': { expected: everybody(404), request: () => ({ params: { token: 'a.token' } }) },
  'post /v1/invitations/accept': {
    expected: { ...everybody(404), ...noSession, nobody: 404 },
    request: () => ({ body: { token: 'a.token' } }),
  },

  'get /v1/users': { expected: ofPlatform(200) },
  'get /v1/users/:userId': { expected: ofPlatform(200), request: ({ ownerId }) => ({ params: { userId: ownerId } }) },
  ...Object.fromEntries(
    ['lock', 'unlock', 'deactivate', 'reactivate', 'force-password-change', 'erase'].map((act): [string, Row] => [
      `post /v1/users/:userId/${act}`,
      { expected: ofPlatform(404), request: () => ({ params: { userId: nothing } }) },
    ]),
  ),
  ...Object.fromEntries(
    ['sessions', 'devices', 'login-activity'].map((list): [string, Row] => [
      `get /v1/users/:userId/${list}`,
      { expected: ofPlatform(200), request: ({ ownerId }) => ({ params: { userId: ownerId } }) },
    ]),
  ),

  'get /v1/audit/events': { expected: history(200) },
  'get /v1/audit/events/:eventId': {
    expected: { ...history(200), foreign: 404 },
    request: ({ eventId }) => ({ params: { eventId } }),
  },
  'get /v1/audit/streams/:name': {
    expected: { ...history(200), foreign: 404 },
    request: ({ teamId }) => ({ params: { name: `team-${teamId}` } }),
  },
  'get /v1/audit/streams/:name/state': {
    expected: { ...history(200), foreign: 404 },
    request: ({ teamId }) => ({ params: { name: `team-${teamId}` } }),
  },
  'get /v1/audit/access': {
    expected: { ...history(200), foreign: 404 },
    request: ({ teamId }) => ({ query: `team=${teamId}` }),
  },
  'get /v1/audit/access/diff': {
    expected: { ...history(200), foreign: 404 },
    request: ({ teamId }) => ({ query: `team=${teamId}&from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z` }),
  },

  'get /v1/audit/export': { expected: history(200), request: () => ({ query: 'format=ndjson' }) },
  'get /v1/audit/checkpoints': { expected: history(200) },
  'get /v1/audit/checkpoints/latest': { expected: history(200) },
  'get /v1/audit/proofs/inclusion': {
    expected: { ...history(200), foreign: 404 },
    request: ({ eventId }) => ({ query: `eventId=${eventId}` }),
  },
  'get /v1/audit/proofs/consistency': { expected: history(200), request: () => ({ query: 'from=1&to=2' }) },
  'get /.well-known/audit-log-key': { expected: everybody(200) },

  'put /v1/teams/:teamId/virtuozzo': { expected: byOwner(404), request: () => ({ body: { token: 'no-such-token' } }) },
  'get /v1/teams/:teamId/virtuozzo': { expected: byPermission(200) },
  'delete /v1/teams/:teamId/virtuozzo': { expected: byOwner(204) },
  'get /v1/teams/:teamId/virtuozzo/session': { expected: byPermission(404) },

  'get /v1/metrics/operational': { expected: history(200), request: () => ({ query: 'window=hour' }) },
  'get /v1/alerts': { expected: ofPlatform(200) },
  'get /v1/projections': { expected: ofPlatform(200) },
  'get /v1/email-deliveries': { expected: ofPlatform(200) },
  'post /v1/email-deliveries/:messageId/retry': {
    expected: ofPlatform(404),
    request: () => ({ params: { messageId: nothing } }),
  },
  'post /v1/webhooks/postmark': { expected: everybody(404), request: () => ({ body: { RecordType: 'Bounce' } }) },

  ...pages(200, ['/', '/forgot', '/verify', '/reset']),
  ...pages(400, ['/login-decision']),
  ...pages(404, ['/invitations']),
  'post /verify': { expected: everybody(400), request: () => ({ form: { token: 'a.token' } }) },
  'post /forgot': { expected: everybody(200), request: () => ({ form: { email: someone() } }) },
  'post /reset': { expected: everybody(400), request: () => ({ form: { token: 'a.token', password } }) },
  'post /login-decision': {
    expected: everybody(400),
    request: () => ({ form: { token: 'a.token', decision: 'deny' } }),
  },
  'post /invitations': {
    expected: everybody(404),
    request: () => ({ form: { token: 'a.token', name: 'Bob', password } }),
  },
  'post /invitations/join': { expected: everybody(400), request: () => ({ form: { token: 'a.token' } }) },
  'post /invitations/sign-out': { expected: everybody(400), request: () => ({ form: { token: 'a.token' } }) },

  'get /livez': { expected: everybody(200) },
  'get /readyz': { expected: everybody(200) },
  'get /metrics': { expected: everybody(200) },
};
