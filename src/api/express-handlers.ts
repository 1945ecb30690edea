import type { ServerResponse } from 'node:http';
import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { problemAnswer, type Answer, type Rendering } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { describeProblem } from './problem-details.ts';
import { RequestProblem } from './problems.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Logged } from './request-log.ts';
import type { Respond } from './respond.ts';
import { writeAnswer } from './write-answer.ts';

/** What a response carries from the first to the last handler. */
interface Locals {
  facts: RequestFacts;
  route?: string;
  rendering?: Rendering | undefined;
  fault?: unknown;
  caller?: Logged['caller'];
  trace?: Logged['trace'];
}

export const localsOf = (response: ServerResponse): Locals => (response as unknown as { locals: Locals }).locals;

/** What a body may weigh: forms carry one token. */
const parsers = {
  'application/json': express.json({ limit: '32kb', type: 'application/json' }),
  'application/x-www-form-urlencoded': express.urlencoded({ limit: '4kb', extended: false }),
} as const;

/** All endpoints; any other method on one of their paths is a 405 that names those which are allowed (RFC 9110 §15.5.6). */
export function routerOf(endpoints: readonly Endpoint[], respond: Respond): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const paths = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) paths.set(endpoint.path, [...(paths.get(endpoint.path) ?? []), endpoint]);
  for (const [path, of] of paths) {
    for (const endpoint of of) {
      const { method, bodyType, rendering } = endpoint;
      const handlers = [
        noteRoute(path, rendering),
        onlyType(bodyType),
        parsers[bodyType],
        handlerOf(endpoint, respond),
      ];
      router[method](path, ...handlers);
    }
    router.all(path, noteRoute(path), otherMethods(of.flatMap(methodsOf)));
  }
  return router;
}

function handlerOf(endpoint: Endpoint, respond: Respond): RequestHandler {
  return async (request, response) => {
    const { params, query } = request;
    const body: unknown = request.body;
    send(response, await respond(endpoint, { facts: localsOf(response).facts, params, query, body }));
  };
}

/** For the log and the metrics, and for problems that arise before the endpoint has the request. */
export const noteRoute =
  (route: string, rendering?: Rendering): RequestHandler =>
  (_request, response, next) => {
    Object.assign(localsOf(response), { route, rendering });
    next();
  };

function onlyType(bodyType: Endpoint['bodyType']): RequestHandler {
  return (request, _response, next) => {
    if (hasBody(request) && !request.is(bodyType)) throw new RequestProblem('unsupported-media-type');
    next();
  };
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const methodsOf = ({ method }: Endpoint): string[] => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]);

export function otherMethods(methods: readonly string[]): RequestHandler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (request, response) => {
    if (request.method !== 'OPTIONS') throw new RequestProblem('method-not-allowed', { headers: { Allow: allow } });
    response.writeHead(204, { Allow: allow }).end();
  };
}

export function send(response: ServerResponse, answer: Answer): void {
  const { fault, caller } = answer;
  Object.assign(localsOf(response), { fault, caller });
  writeAnswer(response, answer);
}

/** What Express and its parsers refuse before an endpoint sees it; endpoints answer for themselves. */
export const transportProblems: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const { facts, rendering } = localsOf(response);
  send(response, problemAnswer(describeProblem(refusal(error), facts.requestId), rendering));
};

/** The parsers put a status on their errors; their messages quote the input, so they are not shown. */
function refusal(error: unknown): unknown {
  const { status } = error as { status?: unknown };
  if (error instanceof RequestProblem || typeof status !== 'number' || status < 400 || status > 499) return error;
  if (status === 413) return new RequestProblem('payload-too-large');
  if (status === 415) return new RequestProblem('unsupported-media-type');
  const detail = error instanceof URIError ? 'the path cannot be decoded' : 'the body cannot be parsed';
  return new RequestProblem('invalid-request', { errors: [{ pointer: '', detail }] });
}
