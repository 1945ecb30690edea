import type { RequestListener } from 'node:http';
import request, { type Test } from 'supertest';
import type { Endpoint } from '../../src/api/endpoint.ts';
import {
  bearer,
  cookies,
  csrfToken,
  deviceId,
  loginId,
  ofLogin,
  refreshToken,
  roleId,
  sessionId,
  teamId,
  userId,
} from './fake-service.ts';

const email = 'ada@example.com';
const password = 'a long enough one';

/** One good body for each endpoint that takes one. */
const bodies: Readonly<Record<string, object>> = {
  'post /v1/registrations': { email, password, name: 'Ada', teamName: 'Acme' },
  'post /v1/registrations/verify': { token: 'a.token' },
  'post /v1/registrations/resend': { email },
  'post /v1/logins': { email, password },
  'post /v1/logins/:loginId/device-approval': { code: '123456' },
  'post /v1/logins/:loginId/team': { teamId },
  'post /v1/login-decisions/:token': { decision: 'approve' },
  'post /login-decision': { token: 'a.token', decision: 'deny' },
  'post /v1/sessions/refresh': { refreshToken },
  'post /v1/session/team': { teamId },
  'post /v1/me/erase': { password },
  'post /v1/authorize': { permissions: ['site.create'] },
  'post /v1/password/forgot': { email },
  'post /v1/password/reset': { token: 'a.token', password },
  'post /v1/password/change': { currentPassword: password, password: 'another long one' },
  'post /forgot': { email },
  'post /reset': { token: 'a.token', password },
  'post /verify': { token: 'a.token' },
  'post /v1/teams': { name: 'Acme' },
  'patch /v1/teams/:teamId': { name: 'Acme & Sons' },
  'put /v1/teams/:teamId/session-policy': { idleTimeoutSeconds: 900 },
  'patch /v1/teams/:teamId/members/:userId': { roleId },
  'post /v1/teams/:teamId/ownership': { userId },
  'post /v1/teams/:teamId/roles': { name: 'Deployer', permissions: ['env.*', 'site.create'] },
  'patch /v1/teams/:teamId/roles/:roleId': { permissions: [] },
  'post /v1/teams/:teamId/invitations': { email, roleId },
  'put /v1/teams/:teamId/virtuozzo': { login: email, password },
  'post /v1/webhooks/postmark': { RecordType: 'Bounce', ID: 1, TypeCode: 1, MessageID: 'm', Metadata: {} },
  'post /v1/invitations/accept': { token: 'a.token', name: 'Ada', password },
  'post /invitations': { token: 'a.token', name: 'Ada', password },
  'post /invitations/join': { token: 'a.token', csrfToken },
  'post /invitations/sign-out': { token: 'a.token', csrfToken },
};

const params: Readonly<Record<string, string>> = {
  teamId,
  invitationId: loginId,
  token: 'a.token',
  loginId,
  sessionId,
  deviceId,
  eventId: loginId,
  messageId: loginId,
  name: `user-${userId}`,
  roleId,
  userId,
};
const queries: Readonly<Record<string, object>> = {
  'get /login-decision': { token: 'a.token' },
  'get /verify': { token: 'a.token' },
  'get /invitations': { token: 'a.token' },
  'get /reset': { token: 'a.token' },
  'get /v1/audit/proofs/inclusion': { eventId: loginId },
  'get /v1/audit/proofs/consistency': { from: 1, to: 2 },
  'get /v1/audit/access': { limit: 1 },
  'get /v1/audit/access/diff': { limit: 1, from: '2026-01-02T03:04:05Z', to: '42' },
};
const callers = {
  none: {},
  'optional-session': {},
  session: bearer,
  'login-token': ofLogin,
  'session-or-login': ofLogin,
};

/** Forms of a page that knows who is signed in in the browser. */
const visitors = ['post /invitations/join', 'post /invitations/sign-out'];

/** A request that the endpoint accepts. */
export function requestTo(app: RequestListener, { method, path, auth, bodyType }: Endpoint): Test {
  const name = `${method} ${path}`;
  const url = path.replaceAll(/:(\w+)/g, (_all, parameter: string) => params[parameter] ?? '');
  const agent = request(app);
  const sent = agent[method](url)
    .set(visitors.includes(name) ? cookies : callers[auth])
    .query(queries[name] ?? {});
  const body = bodies[name];
  return body === undefined ? sent : sent.type(bodyType).send(body);
}
