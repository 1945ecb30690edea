import { randomBytes } from 'node:crypto';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import express from 'express';
import { z } from 'zod';
import { listenOnLoopback } from '../sandbox-server.ts';
import { sandboxControl, sendProblem } from '../sandbox-control.ts';
import { platformAccounts, type PlatformAccounts } from './platform-accounts.ts';

export interface VirtuozzoSandbox {
  url: string;
  port: number;
  close: () => Promise<void>;
}

const accountsSchema = z.record(
  z.string(),
  z.strictObject({ password: z.string(), twoFactor: z.boolean().optional() }),
);
const form = z.record(z.string(), z.string());

const notAuthenticated = { result: 702, source: 'SANDBOX', error: 'User not authenticated: different session key' };
const wrongCredentials = { result: 4, source: 'SANDBOX', error: 'Wrong login or password' };

/** The part of the platform's Cloud API that signs in, on loopback. Signs anybody in until it is told who there is. */
export async function startVirtuozzoSandbox({
  port,
}: {
  /** 0 lets the system choose. */ port: number;
}): Promise<VirtuozzoSandbox> {
  return listenOnLoopback(virtuozzoSandboxApp(), port);
}

function virtuozzoSandboxApp(): Express {
  const accounts = platformAccounts(() => randomBytes(24).toString('hex'));
  const control = sandboxControl(() => ({ result: 99, source: 'SANDBOX', error: 'The sandbox was told to fail.' }));
  const app = express();
  app.disable('x-powered-by');
  app.use(control.router, switches(accounts));
  app.post('/1.0/*method', express.urlencoded({ extended: false }), async (request, response) => {
    const method = new URL(request.url, 'http://localhost').pathname.slice('/1.0/'.length);
    const given = form.safeParse(request.body ?? {});
    const answer = methods[method];
    if (answer === undefined || !given.success) {
      response.json({ result: 11, source: 'SANDBOX', error: 'There is no such method.' });
      return;
    }
    if (await control.takesOver('before', response)) return;
    const body = { source: 'SANDBOX', ...answer(accounts, (name) => given.data[name] ?? '') };
    if (!(await control.takesOver('after', response))) response.json(body);
  });
  app.use(notThere, faulty);
  return app;
}

/** `PUT …/accounts` and `…/tokens` replace those that there are; after `POST …/end-sessions` and `…/end-tokens` none is good. */
function switches(accounts: PlatformAccounts) {
  const router = express.Router();
  router.put('/__control/accounts', express.json(), (request, response) => {
    const wanted = accountsSchema.safeParse(request.body);
    if (!wanted.success) {
      sendProblem(response, 400, z.prettifyError(wanted.error));
      return;
    }
    accounts.set(wanted.data);
    response.json(Object.keys(wanted.data));
  });
  router.put('/__control/tokens', express.json(), (request, response) => {
    const wanted = form.safeParse(request.body);
    if (!wanted.success) {
      sendProblem(response, 400, z.prettifyError(wanted.error));
      return;
    }
    accounts.setTokens(wanted.data);
    response.json(Object.keys(wanted.data));
  });
  router.post('/__control/end-sessions', (_request, response) => {
    accounts.endSessions();
    response.status(204).end();
  });
  router.post('/__control/end-tokens', (_request, response) => {
    accounts.endTokens();
    response.status(204).end();
  });
  return router;
}

type Method = (accounts: PlatformAccounts, given: (name: string) => string) => object;

/** Answers in 200 whatever happened, as the platform does: `result` says what. */
const methods: Readonly<Record<string, Method>> = {
  'users/authentication/rest/signin': (accounts, given) => {
    const signedIn = accounts.signIn(given('login'), given('password'));
    if (signedIn === undefined) return wrongCredentials;
    const { session, twoFactor } = signedIn;
    return {
      ...{ result: 0, session, email: given('login'), status: 'ENABLED' },
      ...{ accessType: twoFactor ? 'RESTRICTED' : 'FULL_ACCESS', authType: twoFactor ? 'TFA' : 'BASIC' },
    };
  },
  'users/authentication/rest/signinbytoken': (accounts, given) => {
    const session = accounts.signInByToken(given('token'));
    return session === undefined ? wrongCredentials : { result: 0, session, accessType: 'FULL_ACCESS' };
  },
  'users/authentication/rest/createtoken': (accounts, given) => {
    const token = accounts.createToken(given('session'));
    return token === undefined ? notAuthenticated : { result: 0, token };
  },
  'users/authentication/rest/deletetokens': (accounts, given) =>
    accounts.deleteTokens(given('session'), given('ids').split(/[,;]/)) ? { result: 0 } : notAuthenticated,
  'users/authentication/rest/signout': (accounts, given) => {
    accounts.signOut(given('session'));
    return { result: 0 };
  },
  'users/account/rest/getuserinfo': (accounts, given) => {
    const login = accounts.loginOf(given('session'));
    return login === undefined ? notAuthenticated : { result: 0, email: login, status: 'ENABLED' };
  },
};

const notThere: RequestHandler = (_request, response) => {
  sendProblem(response, 404, 'There is nothing at this address.');
};

function faulty(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const unreadable = error instanceof Error && 'status' in error && error.status === 400;
  const detail = error instanceof Error ? error.message : 'The sandbox failed.';
  if (!response.headersSent) sendProblem(response, unreadable ? 400 : 500, detail);
}
