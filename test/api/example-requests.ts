import type { Express } from 'express';
import request, { type Test } from 'supertest';
import type { Endpoint } from '../../src/api/endpoint.ts';
import { bearer, deviceId, loginId, ofLogin, refreshToken, roleId, sessionId, teamId, userId } from './fake-service.ts';

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
  'post /v1/password/forgot': { email },
  'post /v1/password/reset': { token: 'a.token', password },
  'post /v1/password/change': { currentPassword: password, password: 'another long one' },
  'post /forgot': { email },
  'post /reset': { token: 'a.token', password },
  'post /verify': { token: 'a.token' },
  'post /v1/teams/:teamId/invitations': { email, roleId },
  'post /v1/invitations/accept': { token: 'a.token', name: 'Ada', password },
  'post /invitations': { token: 'a.token', name: 'Ada', password },
};

const params: Readonly<Record<string, string>> = {
  teamId,
  invitationId: loginId,
  token: 'a.token',
  loginId,
  sessionId,
  deviceId,
  name: `user-${userId}`,
};
const queries: Readonly<Record<string, object>> = {
  'get /login-decision': { token: 'a.token' },
  'get /verify': { token: 'a.token' },
  'get /invitations': { token: 'a.token' },
  'get /reset': { token: 'a.token' },
};
const callers = { none: {}, 'optional-session': {}, session: bearer, 'login-token': ofLogin };

/** A request that the endpoint accepts. */
export function requestTo(app: Express, { method, path, auth, bodyType }: Endpoint): Test {
  const name = `${method} ${path}`;
  const url = path.replaceAll(/:(\w+)/g, (_all, parameter: string) => params[parameter] ?? '');
  const agent = request(app);
  const sent = agent[method](url)
    .set(callers[auth])
    .query(queries[name] ?? {});
  const body = bodies[name];
  return body === undefined ? sent : sent.type(bodyType).send(body);
}
