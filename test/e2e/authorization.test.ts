import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callers, matrix, nothing, type Caller, type Row, type Subject } from './authorization-matrix.ts';
import { startCast, type Cast } from './cast.ts';
import { call, type Answer } from './journey.ts';

let cast: Cast;

beforeAll(async () => {
  cast = await startCast();
});
afterAll(() => cast.stop());

type Operation = [name: string, row: Row];
const rows = Object.entries(matrix) as Operation[];
const asked = [...rows.filter(([, { last }]) => !last), ...rows.filter(([, { last }]) => last)];

/** The address of one request, and what it sends. */
function requestOf([name, { request }]: Operation, about: Subject) {
  const [method = '', pattern = ''] = name.split(' ');
  const { params = {}, query, ...sent } = request?.(about) ?? {};
  const named: Readonly<Record<string, string>> = { teamId: about.teamId, ...params };
  const path = pattern.replaceAll(/:(\w+)/g, (_all, key: string) => named[key] ?? expect.fail(`${name} needs ${key}`));
  return { method: method.toUpperCase(), path: query === undefined ? path : `${path}?${query}`, sent };
}

let addresses = 0;

async function ask(operation: Operation, caller: Caller): Promise<Answer> {
  const { method, path, sent } = requestOf(operation, cast.subject);
  const bearer = cast.bearerOf(caller);
  // An address for each request: none of them is refused because of how many there are.
  addresses += 1;
  const client = { ...cast.client, ip: `198.18.${String(addresses >> 8)}.${String(addresses & 255)}` };
  return call(client, method, path, { ...sent, ...(bearer !== undefined && { bearer }) });
}

it('has a row for every route of the document, and no other', async () => {
  const { body } = await call(cast.client, 'GET', '/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, unknown>>;
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(Object.keys(matrix).sort()).toEqual(served.sort());
});

describe('a team that the caller is no member of', () => {
  const ofTeams = asked.filter(([name]) => name.includes('/v1/teams/:teamId'));
  const withoutRequest = ({ body: { requestId, ...rest }, headers }: Answer) => {
    expect(requestId).toEqual(expect.any(String));
    return { rest, names: [...headers.keys()].filter((key) => key !== 'date').sort() };
  };

  it.each(ofTeams)('is like one that does not exist: %s', async (name, row) => {
    for (const caller of ['foreign', 'admin', 'reviewer'] as const) {
      const bearer = cast.bearerOf(caller) ?? expect.fail();
      const answers = await Promise.all(
        [cast.subject.teamId, nothing].map((teamId) => {
          const other = { toLeave: teamId, toClose: teamId };
          const { method, path, sent } = requestOf([name, row], { ...cast.subject, teamId, ...other });
          return call(cast.client, method, path, { bearer, ...sent });
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      const [known, unknown] = answers.map(withoutRequest);
      expect(known).toEqual(unknown);
    }
  });
});

describe.each(asked)('%s', (name, row) => {
  it.each(callers)('%s', async (caller) => {
    const answer = await ask([name, row], caller);
    expect(answer.status, JSON.stringify(answer.body).slice(0, 300)).toBe(row.expected[caller]);
  });
});
