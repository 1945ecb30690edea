import express, { type Express, type RequestHandler } from 'express';
import { DomainError } from '../domain/errors.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Endpoint } from './endpoint.ts';
import { localsOf, routerOf, transportProblems } from './express-handlers.ts';
import { openApiDocument } from './openapi.ts';
import { requestFacts } from './request-facts.ts';
import { requestLog } from './request-log.ts';
import { responder } from './respond.ts';
import { auditEndpoints } from './routes/audit.ts';
import { documentation } from './routes/documentation.ts';
import { invitationEndpoints } from './routes/invitations.ts';
import { invitationPageEndpoints } from './routes/invitation-pages.ts';
import { loginDecisionEndpoints } from './routes/login-decisions.ts';
import { loginEndpoints } from './routes/logins.ts';
import { operationsEndpoints } from './routes/operations.ts';
import { ownExportEndpoints } from './routes/own-export.ts';
import { ownHistoryEndpoints } from './routes/own-history.ts';
import { pageEndpoints } from './routes/pages.ts';
import { passwordPageEndpoints } from './routes/password-pages.ts';
import { passwordEndpoints } from './routes/passwords.ts';
import { permissionEndpoints } from './routes/permissions.ts';
import { registrationEndpoints } from './routes/registrations.ts';
import { sessionEndpoints } from './routes/sessions.ts';
import { securityHeaders } from './security-headers.ts';

/** Everything that is served, in the order of the document. */
export function endpointsOf(deps: ApiDependencies): Endpoint[] {
  return [
    ...registrationEndpoints(deps),
    ...loginEndpoints(deps),
    ...loginDecisionEndpoints(deps),
    ...passwordEndpoints(deps),
    ...sessionEndpoints(deps),
    ...ownHistoryEndpoints(deps),
    ...ownExportEndpoints(deps),
    ...invitationEndpoints(deps),
    ...auditEndpoints(deps),
    ...permissionEndpoints(deps),
    ...operationsEndpoints(deps),
    ...pageEndpoints(deps),
    ...passwordPageEndpoints(deps),
    ...invitationPageEndpoints(deps),
  ];
}

export function buildApp(deps: ApiDependencies): Express {
  const { logger, publicUrl, trustProxy } = deps;
  const endpoints = endpointsOf(deps);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', [...trustProxy]);
  app.use(
    gatherFacts(deps),
    requestLog(logger, localsOf),
    observe(deps),
    securityHeaders(publicUrl),
    routerOf(endpoints, responder(deps)),
    documentation(openApiDocument(endpoints)),
    () => {
      throw new DomainError('not-found');
    },
    transportProblems,
  );
  return app;
}

function gatherFacts({ newId }: ApiDependencies): RequestHandler {
  return (request, response, next) => {
    const facts = requestFacts(request.headers, [request.ip, request.socket.remoteAddress], newId);
    localsOf(response).facts = facts;
    response.setHeader('X-Request-Id', facts.requestId);
    next();
  };
}

/** What proxies count for a client that hung up before it was answered. */
const goneStatus = 499;

function observe({ observeRequest }: ApiDependencies): RequestHandler {
  return ({ method }, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const route = localsOf(response).route ?? 'unmatched';
      const status = response.writableFinished ? response.statusCode : goneStatus;
      observeRequest({ method, route, status, seconds: (performance.now() - startedAt) / 1000 });
    });
    next();
  };
}
