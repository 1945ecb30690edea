import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { password } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { expectProblem } from './steps.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('hostile requests', () => {
  const raw = (method: string, path: string, body: string | undefined, headers: Record<string, string> = {}) =>
    fetch(stack.apiUrl + path, { method, headers, ...(body !== undefined && { body }) });
  const json = { 'content-type': 'application/json' };
  const login = JSON.stringify({ email: 'ada@example.com', password });
  const cases: readonly [string, number, string, () => Promise<Response>][] = [
    ['no JSON', 400, 'invalid-request', () => raw('POST', '/v1/logins', '{"email":', json)],
    ['an array', 400, 'invalid-request', () => raw('POST', '/v1/logins', '[]', json)],
    ['nothing', 400, 'invalid-request', () => raw('POST', '/v1/logins', undefined, json)],
    [
      'an unknown field',
      400,
      'invalid-request',
      () => raw('POST', '/v1/logins', `{"admin":true,${login.slice(1)}`, json),
    ],
    [
      'a prototype',
      400,
      'invalid-request',
      () => raw('POST', '/v1/logins', `{"__proto__":{"a":1},${login.slice(1)}`, json),
    ],
    ['a number for text', 400, 'invalid-request', () => raw('POST', '/v1/logins', '{"email":1,"password":[]}', json)],
    ['deep nesting', 400, 'invalid-request', () => raw('POST', '/v1/logins', '['.repeat(5_000), json)],
    ['a large body', 413, 'payload-too-large', () => raw('POST', '/v1/logins', `"${'a'.repeat(2_000_000)}"`, json)],
    ['XML', 415, 'unsupported-media-type', () => raw('POST', '/v1/logins', '<a/>', { 'content-type': 'text/xml' })],
    ['a path that is none', 404, 'not-found', () => raw('GET', '/v1/..%2f..%2fetc/passwd', undefined)],
    ['a method that is none', 405, 'method-not-allowed', () => raw('PATCH', '/v1/logins', '{}', json)],
    ['no session', 401, 'session-required', () => raw('GET', '/v1/session', undefined)],
    [
      'an unsigned token',
      401,
      'session-required',
      () => raw('GET', '/v1/session', undefined, { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.' }),
    ],
    [
      'an id that is none',
      404,
      'not-found',
      () => raw('GET', "/v1/logins/1'%20or%20'1", undefined, { authorization: 'Bearer abc' }),
    ],
    [
      'half a character',
      400,
      'invalid-request',
      () => raw('POST', '/v1/logins', `{"email":"ada@example.com","password":"\\ud800${password}"}`, json),
    ],
  ];

  it.each(cases)('%s gets a problem', async (_what, status, code, send) => {
    const response = await send();
    const text = await response.text();
    const body = JSON.parse(text) as Record<string, unknown>;
    expectProblem({ status: response.status, headers: response.headers, body }, status, code);
    expect(text).not.toMatch(/\bat .*:\d+:\d+|node_modules|Error:|ECONN|syntax error/);
  });
});
