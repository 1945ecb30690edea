import type { Express } from 'express';
import request, { type Test } from 'supertest';
import type { Endpoint } from '../../src/api/endpoint.ts';
import { bearer, loginId, ofLogin, refreshToken, teamId, userId } from './fake-service.ts';

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
  'post /v1/sessions/refresh': { refreshToken },
  'post /verify': { token: 'a.token' },
};

const params: Readonly<Record<string, string>> = { loginId, name: `user-${userId}` };
const queries: Readonly<Record<string, object>> = { 'get /verify': { token: 'a.token' } };
const callers = { none: {}, session: bearer, 'login-token': ofLogin };

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
