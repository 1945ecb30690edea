import type { z } from 'zod';
import type { Context } from '../application/ports.ts';
import type { CheckedSession } from '../application/sessions/check-session.ts';
import { asJson, type Rendering, type Result } from './answer.ts';
import { isNothing, parse } from './parse.ts';
import { DomainError } from '../domain/errors.ts';
import type { ProblemCode } from './problems.ts';
import type { RequestFacts } from './request-facts.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface SessionCaller extends CheckedSession {
  /** How the token came: cookies are sent by the browser, whoever made it do so. */
  readonly via: 'header' | 'cookie';
}

/** Who may call, and what the handler then knows about the caller. */
interface Callers {
  none: undefined;
  session: SessionCaller;
  /** Whoever presents a session has to have a good one. */
  'optional-session': SessionCaller | undefined;
  'login-token': { readonly loginToken: string };
  /** Also somebody in the middle of a login, who has no team to have a session in. */
  'session-or-login': SessionCaller | { readonly loginToken: string };
}

/** What the handler knows about the device: `issue` gives one without a token a new one. */
interface DeviceTokens {
  issue: string;
  read: string | undefined;
  none: undefined;
}

export type Auth = keyof Callers;
export type Device = keyof DeviceTokens;

interface Given<A extends Auth = Auth, D extends Device = Device> {
  readonly caller: Callers[A];
  readonly deviceToken: DeviceTokens[D];
  readonly context: Context;
  readonly request: RequestFacts;
}

interface Definition<A extends Auth, D extends Device, Params, Query, Body, Answered> {
  method: Method;
  /** Express's pattern, `:name` for a parameter. */
  path: string;
  tag: string;
  summary: string;
  auth: A;
  device?: D;
  params: z.ZodType<Params>;
  query: z.ZodType<Query>;
  body: z.ZodType<Body>;
  /** Anybody may call it and somebody then gets a mail: so many an hour from one address, after that 429. */
  mailsStrangers?: true;
  /** A form that a person sends from a page; JSON where nothing is said. */
  form?: true;
  success: { status: 200 | 201 | 202 | 204; description: string; body: z.ZodType<Answered> };
  rendering?: Rendering;
  problems: readonly ProblemCode[];
  handle: (
    input: { readonly params: Params; readonly query: Query; readonly body: Body } & Given<A, D>,
  ) => Promise<Result<Answered>>;
}

export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** Parsed and ready to run: `payload`, sent to what `params` name, is what an idempotency key stands for. */
export interface Accepted {
  readonly params: unknown;
  readonly payload: unknown;
  run(given: Given): Promise<Result<unknown>>;
}

/**
 * What an endpoint is, free of any server: one value makes the route and its page in the OpenAPI document, so they
 * cannot drift.
 */
export interface Endpoint extends Pick<
  Definition<Auth, Device, unknown, unknown, unknown, unknown>,
  'method' | 'path' | 'tag' | 'summary' | 'auth' | 'params' | 'query' | 'body' | 'success' | 'problems'
> {
  readonly device: Device;
  readonly mailsStrangers: boolean;
  readonly bodyType: 'application/json' | 'application/x-www-form-urlencoded';
  readonly rendering: Rendering;
  /** Throws `invalid-request`; a path parameter of the wrong shape names nothing, so it is `not-found`. */
  accept(raw: RawInput): Accepted;
}

function inPath<Params>(schema: z.ZodType<Params>, raw: unknown): Params {
  if (isNothing(schema, raw)) return raw as Params;
  const path = schema.safeParse(raw);
  if (!path.success) throw new DomainError('not-found');
  return path.data;
}

export function endpoint<A extends Auth, Params, Query, Body, Answered, D extends Device = 'none'>(
  definition: Definition<A, D, Params, Query, Body, Answered>,
): Endpoint {
  const { params, query, body, handle, device, mailsStrangers, form, rendering, ...rest } = definition;
  return {
    ...rest,
    params,
    query,
    body,
    device: device ?? 'none',
    mailsStrangers: mailsStrangers ?? false,
    bodyType: form ? 'application/x-www-form-urlencoded' : 'application/json',
    rendering: rendering ?? asJson,
    accept(raw) {
      const input = {
        params: inPath(params, raw.params),
        query: parse(query, raw.query, '/query'),
        body: parse(body, raw.body ?? {}),
      };
      // `respond` gives each endpoint what its `auth` and `device` promise.
      return {
        params: input.params,
        payload: { query: input.query, body: input.body },
        run: (given) => handle({ ...input, ...(given as Given<A, D>) }),
      };
    },
  };
}
