import type { Request, RequestHandler, Response, Router } from 'express';
import express from 'express';
import { sendProblem } from '../sandbox-control.ts';
import type { Mailbox } from './mailbox.ts';
import { htmlView, listPage, messagePage, notFoundPage } from './mailbox-pages.ts';
import { pageStyle } from './page-style.ts';
import type { ReceivedMessage } from './message.ts';

const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
// A received message is foreign content: no scripts, no origin, nothing fetched from elsewhere.
const messagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/** The mailbox for a person, and for a script as JSON. No switch of the sandbox reaches it. */
export function mailboxRoutes(mailbox: Mailbox): Router {
  const router = express.Router();
  router.use(safeHeaders);
  router.get('/', (request, response) => {
    const to = addressIn(request);
    response.type('html').send(listPage({ messages: to === '' ? mailbox.list() : mailbox.to(to), to }));
  });
  router.get('/style.css', (_request, response) => void response.type('css').send(pageStyle));
  router.get('/messages', (request, response) => {
    const to = addressIn(request);
    response.json(to === '' ? mailbox.list() : mailbox.to(to));
  });
  router.delete('/messages', empty(mailbox));
  router.post('/messages/empty', sameOrigin, empty(mailbox));
  router.get(
    '/messages/:id',
    shown(mailbox, (message, response) => response.type('html').send(messagePage(message))),
  );
  router.get(
    '/messages/:id/text',
    shown(mailbox, (message, response) => response.type('text/plain').send(message.TextBody)),
  );
  router.get('/messages/:id/html', shown(mailbox, sendHtml));
  return router;
}

const safeHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': pagePolicy,
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  next();
};

function addressIn(request: Request): string {
  const to = request.query['to'];
  return typeof to === 'string' ? to.trim() : '';
}

/** A script gets 204; a person's form goes back to the list. */
const empty =
  (mailbox: Mailbox): RequestHandler =>
  async (request, response) => {
    await mailbox.empty();
    if (request.method === 'POST') response.redirect(303, '/');
    else response.status(204).end();
  };

/** Another site's form may not empty the mailbox. */
const sameOrigin: RequestHandler = (request, response, next) => {
  const origin = request.get('Origin');
  if (origin === undefined || origin === `http://${request.get('Host') ?? ''}`) next();
  else sendProblem(response, 403, 'Only the mailbox page itself may empty the mailbox.');
};

const shown =
  (mailbox: Mailbox, send: (message: ReceivedMessage, response: Response) => void): RequestHandler =>
  (request, response) => {
    const message = mailbox.find(String(request.params['id']));
    if (message === undefined) response.status(404).type('html').send(notFoundPage());
    else send(message, response);
  };

function sendHtml(message: ReceivedMessage, response: Response): void {
  response.set({ 'Content-Security-Policy': messagePolicy, 'Referrer-Policy': 'no-referrer' });
  response.type('html').send(htmlView(message));
}
