import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tracing } from '../application/tracing.ts';
import { isProbe } from './admission.ts';
import type { ApiDependencies } from './dependencies.ts';
import { localsOf } from './express-handlers.ts';
import { header, requestFacts, type RequestFacts } from './request-facts.ts';
import { requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/** What proxies count for a client that hung up before it was answered. */
const goneStatus = 499;

/** Before an endpoint sees a request; each calls the next one at once. Node's own request and response are all it needs. */
export type Step = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** The addresses that a request may have come from, the most likely one first. */
export type AddressesOf = (request: IncomingMessage) => readonly (string | undefined)[];

/** What every request goes through, whoever answers it. Whoever does gives it `commonHeaders`. */
export function aroundEveryRequest(deps: ApiDependencies, addressesOf: AddressesOf): Step[] {
  const { logger, tracing } = deps;
  const traced = tracing ? [trace(tracing)] : [];
  return [gatherFacts(deps, addressesOf), ...traced, requestLog(logger, localsOf), observe(deps)];
}

/** The headers of every answer. */
export function commonHeaders({ publicUrl }: Pick<ApiDependencies, 'publicUrl'>) {
  const always = securityHeaders(publicUrl);
  return ({ requestId }: Pick<RequestFacts, 'requestId'>): Readonly<Record<string, string>> => ({
    ...always,
    'X-Request-Id': requestId,
  });
}

/** Before anything answers, since that need not be an endpoint. */
export function setCommonHeaders(deps: Pick<ApiDependencies, 'publicUrl'>): Step {
  const headersOf = commonHeaders(deps);
  return (_request, response, next) => {
    for (const [name, value] of Object.entries(headersOf(localsOf(response).facts))) response.setHeader(name, value);
    next();
  };
}

function gatherFacts({ newId }: ApiDependencies, addressesOf: AddressesOf): Step {
  return (request, response, next) => {
    const facts = requestFacts(request.headers, addressesOf(request), newId);
    localsOf(response).facts = facts;
    next();
  };
}

/** The span of a request, for as long as its answer takes. It goes on with the trace of the caller. */
function trace(tracing: Tracing): Step {
  return (request, response, next) => {
    if (isProbe(request)) {
      next();
      return;
    }
    const { method = '' } = request;
    const locals = localsOf(response);
    const { requestId } = locals.facts;
    const attributes = { 'http.request.method': method, 'mbauth.request_id': requestId };
    const span = tracing.open(header(request.headers, 'traceparent'), { name: method, kind: 'server', attributes });
    locals.trace = span.ids;
    response.on('close', () => {
      const route = localsOf(response).route ?? 'unmatched';
      const status = statusOf(response);
      const about = { 'http.route': route, 'http.response.status_code': status };
      span.end({ name: `${method} ${route}`, attributes: about, failed: status >= 500 });
    });
    span.within(next);
  };
}

function observe({ observeRequest }: ApiDependencies): Step {
  return ({ method = '' }, response, next) => {
    const startedAt = performance.now();
    response.on('close', () => {
      const route = localsOf(response).route ?? 'unmatched';
      observeRequest({ method, route, status: statusOf(response), seconds: (performance.now() - startedAt) / 1000 });
    });
    next();
  };
}

const statusOf = (response: ServerResponse): number => (response.writableFinished ? response.statusCode : goneStatus);
