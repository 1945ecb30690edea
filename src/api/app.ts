import express, { type Express, type Request } from 'express';
import { DomainError } from '../domain/errors.ts';
import { aroundEveryRequest, setCommonHeaders } from './around.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Endpoint } from './endpoint.ts';
import { routerOf, transportProblems } from './express-handlers.ts';
import { openApiDocument } from './openapi.ts';
import { responder } from './respond.ts';
import { auditAccessEndpoints } from './routes/audit-access.ts';
import { auditStateEndpoints } from './routes/audit-state.ts';
import { auditEndpoints } from './routes/audit.ts';
import { auditExportEndpoints } from './routes/audit-export.ts';
import { auditProofEndpoints } from './routes/audit-proof.ts';
import { erasureEndpoints } from './routes/erasure.ts';
import { documentation } from './routes/documentation.ts';
import { invitationEndpoints } from './routes/invitations.ts';
import { invitationPageEndpoints } from './routes/invitation-pages.ts';
import { loginDecisionEndpoints } from './routes/login-decisions.ts';
import { loginEndpoints } from './routes/logins.ts';
import { emailDeliveryEndpoints } from './routes/email-deliveries.ts';
import { operationalEndpoints } from './routes/operational.ts';
import { postmarkWebhookEndpoints } from './routes/postmark-webhook.ts';
import { virtuozzoEndpoints } from './routes/virtuozzo.ts';
import { operationsEndpoints } from './routes/operations.ts';
import { ownExportEndpoints } from './routes/own-export.ts';
import { ownHistoryEndpoints } from './routes/own-history.ts';
import { pageEndpoints } from './routes/pages.ts';
import { passwordPageEndpoints } from './routes/password-pages.ts';
import { passwordEndpoints } from './routes/passwords.ts';
import { permissionEndpoints } from './routes/permissions.ts';
import { registrationEndpoints } from './routes/registrations.ts';
import { sessionEndpoints } from './routes/sessions.ts';
import { teamEndpoints } from './routes/teams.ts';
import { userEndpoints } from './routes/users.ts';

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
    ...erasureEndpoints(deps),
    ...teamEndpoints(deps),
    ...invitationEndpoints(deps),
    ...userEndpoints(deps),
    ...auditEndpoints(deps),
    ...auditProofEndpoints(deps),
    ...auditExportEndpoints(deps),
    ...auditStateEndpoints(deps),
    ...auditAccessEndpoints(deps),
    ...permissionEndpoints(deps),
    ...virtuozzoEndpoints(deps),
    ...operationalEndpoints(deps),
    ...emailDeliveryEndpoints(deps),
    ...postmarkWebhookEndpoints(deps),
    ...operationsEndpoints(deps),
    ...pageEndpoints(deps),
    ...passwordPageEndpoints(deps),
    ...invitationPageEndpoints(deps),
  ];
}

export function buildApp(deps: ApiDependencies): Express {
  const { trustProxy } = deps;
  const endpoints = endpointsOf(deps);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', [...trustProxy]);
  app.use(
    ...aroundEveryRequest(deps, (request) => [(request as Request).ip, request.socket.remoteAddress]),
    setCommonHeaders(deps),
    routerOf(endpoints, responder(deps)),
    documentation(openApiDocument(endpoints)),
    () => {
      throw new DomainError('not-found');
    },
    transportProblems,
  );
  return app;
}
