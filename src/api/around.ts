import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiDependencies } from './dependencies.ts';
import { localsOf } from './express-handlers.ts';
import { requestFacts } from './request-facts.ts';
import { requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/** What proxies count for a client that hung up before it was answered. */
const goneStatus = 499;

/** Before an endpoint sees a request; each calls the next one at once. Node's own request and response are all it needs. */
export type Step = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** The addresses that a request may have come from, the most likely one first. */
export type AddressesOf = (request: IncomingMessage) => readonly (string | undefined)[];

/** What every request goes through, whoever answers it. */
export function aroundEveryRequest(deps: ApiDependencies, addressesOf: AddressesOf): Step[] {
  const { logger, publicUrl } = deps;
  return [gatherFacts(deps, addressesOf), requestLog(logger, localsOf), observe(deps), securityHeaders(publicUrl)];
}

function gatherFacts({ newId }: ApiDependencies, addressesOf: AddressesOf): Step {
  return (request, response, next) => {
    const facts = requestFacts(request.headers, addressesOf(request), newId);
    localsOf(response).facts = facts;
    response.setHeader('X-Request-Id', facts.requestId);
    next();
  };
}

function observe({ observeRequest }: ApiDependencies): Step {
  return ({ method = '' }, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const route = localsOf(response).route ?? 'unmatched';
      const status = response.writableFinished ? response.statusCode : goneStatus;
      observeRequest({ method, route, status, seconds: (performance.now() - startedAt) / 1000 });
    });
    next();
  };
}
