import type { RequestListener } from 'node:http';
import type { Express } from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpointsOf } from '../../src/api/app.ts';
import { requestTo } from './example-requests.ts';
import { fakeService } from './fake-service.ts';

/** What OpenAPI 3.1.0 asks of the parts that we write (§4.8). */
const schema = z.record(z.string(), z.unknown());
const content = z.record(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+(;.*)?$/), z.strictObject({ schema }));
const response = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), z.strictObject({ description: z.string(), schema })).optional(),
  content: content.optional(),
});
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-zA-Z]+$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(10),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.strictObject({
      name: z.string().min(1),
      in: z.enum(['path', 'query', 'header']),
      required: z.boolean(),
      description: z.string().optional(),
      schema,
    }),
  ),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), response),
});
const document = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.literal('/') })),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
  ),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.enum(['http', 'apiKey']) })),
    schemas: z.record(z.string(), schema),
  }),
});

const fetched = async (app: RequestListener) => document.parse((await request(app).get('/openapi.json')).body);

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Record<string, boolean>; readonly stack: unknown[] };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

/** What Express would answer, as it has it. */
function routesOf(app: Express): string[] {
  const walk = (layers: readonly Layer[]): string[] =>
    layers.flatMap(({ route, handle }) =>
      route
        ? Object.keys(route.methods)
            .filter((method) => method !== '_all')
            .map((method) => `${method} ${route.path}`)
        : walk(handle?.stack ?? []),
    );
  return walk((app as unknown as { router: { stack: readonly Layer[] } }).router.stack);
}

describe('the OpenAPI document', () => {
  it('is well-formed', async () => {
    const { tags, paths, components } = await fetched(fakeService().app);
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const {
      tags: [tag],
      security,
      parameters,
    } of operations) {
      expect(tags.map(({ name }) => name)).toContain(tag);
      for (const scheme of security.flatMap((one) => Object.keys(one)))
        expect(components.securitySchemes).toHaveProperty(scheme);
      const names = parameters.map(({ name, in: place }) => `${place} ${name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('names every path parameter, and requires it', async () => {
    const { paths } = await fetched(fakeService().app);
    for (const [path, operations] of Object.entries(paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(operations)) {
        const described = parameters.filter((parameter) => parameter.in === 'path');
        expect(described.map(({ name }) => name)).toEqual(inPath);
        expect(described.every(({ required }) => required)).toBe(true);
      }
    }
  });

  it('points to nothing that it does not hold', async () => {
    const body = await fetched(fakeService().app);
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(new Set(references)).toEqual(new Set(Object.keys(body.components.schemas)));
    expect(JSON.stringify(body)).not.toContain('$schema');
  });

  it('has every route that there is, and no other', async () => {
    const { express } = fakeService();
    const { paths } = await fetched(express);
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const undocumented = [
      '/openapi.json',
      '/docs',
      '/docs/init.js',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-bundle.js',
      '/docs/favicon-32x32.png',
    ];
    expect(routesOf(express).toSorted()).toEqual(
      [...documented, ...undocumented.map((path) => `get ${path}`)].toSorted(),
    );
  });

  it('says what each operation needs, takes and answers', async () => {
    const { paths } = await fetched(fakeService().app);
    const answers = '200 400 401 403 404 409 410 413 415 422 429 500 503'.split(' ');
    const approval = paths['/v1/logins/{loginId}/device-approval'];
    expect(approval).toMatchObject({
      post: {
        security: [{ loginToken: [] }],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { required: ['code'], additionalProperties: false } } },
        },
        responses: { 422: { description: expect.stringContaining('urn:problem:device-code-wrong') as string } },
      },
    });
    expect(approval?.post && Object.keys(approval.post.responses)).toEqual(answers);
  });

  it.each([
    ['/v1/session', 'get', ['Read-After']],
    ['/v1/session', 'delete', ['X-CSRF-Token']],
    ['/v1/logins', 'post', ['Idempotency-Key', 'X-Device-Token']],
    ['/v1/login-activity', 'get', ['cursor', 'limit', 'Read-After']],
    ['/v1/audit/access/diff', 'get', ['team', 'user', 'from', 'to', 'cursor', 'limit', 'Read-After']],
  ] as const)('names what may go with %s %s', async (path, method, names) => {
    const { paths } = await fetched(fakeService().app);
    expect(paths[path]?.[method]?.parameters.map(({ name }) => name)).toEqual(names);
  });
});

describe('every endpoint', () => {
  const { app, deps } = fakeService();

  it.each(endpointsOf(deps).map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    '%s answers what it says it answers',
    async (_name, endpoint) => {
      const response = await requestTo(app, endpoint);
      expect(response.status).toBe(endpoint.success.status);
      if (response.status === 204) expect(response.text).toBe('');
      else expect(response.headers['content-type']).toBe(endpoint.rendering.contentType);
      const isJson = endpoint.rendering.contentType === 'application/json';
      const body: unknown = response.status === 204 ? {} : isJson ? response.body : response.text;
      expect(endpoint.success.body.safeParse(body)).toEqual({ success: true, data: body });
    },
  );
});
