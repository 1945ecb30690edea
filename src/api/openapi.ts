import { z } from 'zod';
import type { Auth, Endpoint } from './endpoint.ts';
import { problems, type ProblemCode } from './problems.ts';

type Json = Readonly<Record<string, unknown>>;

/** OpenAPI 3.1; its schemas are JSON Schema 2020-12, which is what zod writes. */
export function openApiDocument(endpoints: readonly Endpoint[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method] = operationOf(endpoint, path);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'MBPanel Auth', version: '1', description: 'Who gets in, and what they may do.' },
    // Wherever the document was read from: it is the same for every installation.
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { securitySchemes, schemas: { Problem: problemSchema } },
  };
}

function operationOf(endpoint: Endpoint, path: string): Json {
  const { method, tag, summary, auth } = endpoint;
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    security: security[auth],
    parameters: [...fieldsOf(endpoint.params, 'path'), ...fieldsOf(endpoint.query, 'query'), ...headersOf(endpoint)],
    ...requestBodyOf(endpoint),
    responses: { ...successOf(endpoint), ...refusalsOf(endpoint) },
  };
}

/** `get /v1/logins/{loginId}` is `getLoginsLoginId`. */
const operationId = (method: string, path: string): string =>
  path
    .replace(/^\/v1/, '')
    .replaceAll(/\W+(\w?)/g, (_all, letter: string) => letter.toUpperCase())
    .replace(/^/, method);

function schemaOf(schema: z.ZodType): Json {
  return Object.fromEntries(
    Object.entries(z.toJSONSchema(schema, { io: 'input' })).filter(([key]) => key !== '$schema'),
  );
}

function fieldsOf(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }));
}

function requestBodyOf({ body, bodyType }: Endpoint): Json {
  const schema = schemaOf(body) as { properties?: Json; required?: string[] };
  if (Object.keys(schema.properties ?? {}).length === 0) return {};
  const required = (schema.required ?? []).length > 0;
  return { requestBody: { required, content: { [bodyType]: { schema } } } };
}

function successOf({ method, success, rendering, device }: Endpoint): Json {
  const headers = {
    ...(method !== 'get' && { 'Event-Position': textHeader('Position of the newest event that this made happen') }),
    ...(device === 'issue' && { 'X-Device-Token': textHeader('A new device token, where the request had none') }),
  };
  const content = { [rendering.contentType]: { schema: schemaOf(success.body) } };
  return {
    [success.status]: {
      description: success.description,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(success.status !== 204 && { content }),
    },
  };
}

const textHeader = (description: string): Json => ({ description, schema: { type: 'string' } });

/** One entry for each status, naming every problem that has it. */
function refusalsOf(endpoint: Endpoint): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...endpoint.problems, ...implied(endpoint)])) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const contentType = endpoint.rendering.problemPage ? endpoint.rendering.contentType : 'application/problem+json';
  const ordered = [...byStatus].toSorted(([one], [other]) => one - other);
  return Object.fromEntries(
    ordered.map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`urn:problem:${code}\`: ${problems[code].title}`).join('\n\n'),
        content: { [contentType]: { schema: endpoint.rendering.problemPage ? { type: 'string' } : problemReference } },
      },
    ]),
  );
}

/** What follows from how an endpoint is called rather than from what it does. */
function implied({ auth, method, body }: Endpoint): ProblemCode[] {
  const codes: ProblemCode[] = ['overloaded', 'internal-error'];
  if (bySession(auth)) codes.push(...sessionProblems);
  if (bySession(auth) && method !== 'get') codes.push('csrf-token-invalid', 'cross-site-request');
  if (auth === 'login-token') codes.push('login-token-required');
  if (auth !== 'none' && method === 'get') codes.push('read-model-behind');
  if (method === 'post') codes.push('idempotency-in-progress', 'idempotency-key-reused');
  if (Object.keys((schemaOf(body) as { properties?: Json }).properties ?? {}).length > 0) codes.push(...bodyProblems);
  return codes;
}

const bySession = (auth: Auth): boolean => auth !== 'none' && auth !== 'login-token';

const bodyProblems = ['invalid-request', 'payload-too-large', 'unsupported-media-type'] as const;
const sessionProblems = [
  'session-required',
  'session-superseded',
  'session-suspended',
  'session-revoked',
  'session-idle',
  'session-expired',
] as const;

function headersOf({ method, auth, device }: Endpoint): Json[] {
  const header = (name: string, description: string, schema: Json = { type: 'string' }) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  });
  return [
    ...(method === 'get' && auth !== 'none'
      ? [
          header('Read-After', 'An Event-Position that the answer has to include', {
            type: 'string',
            pattern: '^[0-9]{1,20}$',
          }),
        ]
      : []),
    ...(method === 'post'
      ? [
          header('Idempotency-Key', 'Makes the request safe to repeat for 24 hours', {
            type: 'string',
            minLength: 1,
            maxLength: 255,
          }),
        ]
      : []),
    ...(device === 'none' ? [] : [header('X-Device-Token', 'The device, unless its cookie is sent')]),
    ...(method !== 'get' && bySession(auth) ? [header('X-CSRF-Token', 'Needed where cookies carry the session')] : []),
  ];
}

const security: Record<Auth, readonly Json[]> = {
  none: [],
  session: [{ accessToken: [] }, { accessCookie: [] }],
  'optional-session': [{}, { accessToken: [] }, { accessCookie: [] }],
  'login-token': [{ loginToken: [] }],
  'session-or-login': [{ accessToken: [] }, { accessCookie: [] }, { loginToken: [] }],
};

const securitySchemes = {
  accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a session' },
  accessCookie: { type: 'apiKey', in: 'cookie', name: '__Host-access', description: 'Cookie transport' },
  loginToken: { type: 'http', scheme: 'bearer', description: 'The login token that each step of a login answers' },
};

const problemReference = { $ref: '#/components/schemas/Problem' };

const problemSchema = schemaOf(
  z.looseObject({
    type: z.string().describe('`urn:problem:` and the stable name of the problem'),
    status: z.int().min(400).max(599),
    title: z.string(),
    requestId: z.uuid(),
    errors: z
      .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
      .optional()
      .describe('What is wrong with the input, each with a JSON pointer into the body'),
    retryAfterSeconds: z.number().optional(),
  }),
);
