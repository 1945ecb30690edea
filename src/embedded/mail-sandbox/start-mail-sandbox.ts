import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import express from 'express';
import { z } from 'zod';
import { portOf } from '../ports.ts';
import { sandboxControl, sendProblem } from '../sandbox-control.ts';
import { openMailbox } from './mailbox.ts';
import type { Mailbox } from './mailbox.ts';
import { mailboxRoutes } from './mailbox-routes.ts';
import { postmarkApi } from './postmark-api.ts';

export interface MailSandboxOptions {
  /** Keeps the messages. */
  folder: string;
  /** 0 lets the system choose. */
  port: number;
  /** The one Postmark server token to take; any when absent. */
  serverToken?: string;
  now: () => Date;
  /** Makes a MessageID. */
  newId: () => string;
}

export interface MailSandbox {
  url: string;
  port: number;
  close: () => Promise<void>;
}

/** Postmark's API as far as its client needs it to send, on loopback, with the mailbox to look at what was sent. */
export async function startMailSandbox({ folder, port, ...rest }: MailSandboxOptions): Promise<MailSandbox> {
  const mailbox = await openMailbox(folder);
  const server = createServer(mailSandboxApp({ mailbox, ...rest }));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch(async (error: unknown) => {
    await mailbox.close();
    throw error;
  });
  const chosen = portOf(server);
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections(); // those that the mode `hang` keeps waiting, too
    await closed;
    await mailbox.close();
  };
  return { url: `http://127.0.0.1:${chosen}`, port: chosen, close };
}

type AppOptions = Omit<MailSandboxOptions, 'folder' | 'port'> & { mailbox: Mailbox };

function mailSandboxApp({ mailbox, ...rest }: AppOptions): Express {
  const suppressed = new Set<string>();
  const control = sandboxControl(({ status, errorCode }) => ({
    ErrorCode: errorCode ?? (status === 401 ? 10 : 0),
    Message: 'The sandbox was told to fail.',
  }));
  const app = express();
  app.disable('x-powered-by');
  app.use(loopbackOnly, control.router);
  app.put('/__control/suppressions', express.json(), suppress(suppressed));
  app.use(postmarkApi({ mailbox, control, suppressed, ...rest }));
  app.use(mailboxRoutes(mailbox));
  app.use(notThere, faulty);
  return app;
}

/** A web page that rebinds its name to 127.0.0.1 must not read the mail: only loopback names are answered. */
const loopbackOnly: RequestHandler = (request, response, next) => {
  if (/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(request.get('Host') ?? '')) next();
  else sendProblem(response, 403, 'The mailbox answers on 127.0.0.1 and localhost only.');
};

/** `PUT ["ann@example.com"]` replaces the list of addresses whose mail is refused as inactive. */
const suppress =
  (suppressed: Set<string>): RequestHandler =>
  (request, response) => {
    const addresses = z.array(z.string()).safeParse(request.body);
    if (!addresses.success) {
      sendProblem(response, 400, 'Send a list of addresses.');
      return;
    }
    suppressed.clear();
    for (const address of addresses.data) suppressed.add(address.trim().toLowerCase());
    response.json([...suppressed]);
  };

const notThere: RequestHandler = (_request, response) => {
  sendProblem(response, 404, 'There is nothing at this address.');
};

function faulty(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const unreadable = error instanceof Error && 'status' in error && error.status === 400;
  const detail = error instanceof Error ? error.message : 'The mailbox failed.';
  if (!response.headersSent) sendProblem(response, unreadable ? 400 : 500, detail);
}
