import { z } from 'zod';

import { Unavailable } from '../application/ports.ts';
import type { VirtuozzoPlatform, VirtuozzoSignIn } from '../application/virtuozzo.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';
import { wholeAnswer } from './whole-answer.ts';

/** The same for every call: the platform may tie a session to the client that began it. */
const userAgent = 'MBPanel-Auth';
const timeoutMs = 5000;
/** Of a token that we have the platform make: one that may sign in. */
const tokenTemplate = 'Extended Access';
const tokenDescription = 'MBPanel';

/** Timeout and general failure of the platform's own: what was asked is neither right nor wrong. */
const outageResults: ReadonlySet<number> = new Set([17, 99]);

const answerSchema = z.object({
  result: z.int(),
  error: z.string().nullish(),
  session: z.string().min(1).nullish(),
  accessType: z.string().nullish(),
  authType: z.string().nullish(),
  token: z.object({ id: z.union([z.string(), z.int()]), key: z.string().min(1) }).nullish(),
});

type Answer = z.infer<typeof answerSchema>;

export interface VirtuozzoPlatformOptions {
  /** Up to `/1.0`, without it. */
  readonly apiUrl: string;
  /** Result codes that say that a session key is good no more; the platform documents none. */
  readonly sessionEndedCodes: ReadonlySet<number>;
}

/**
 * The Cloud API of the Virtuozzo Application Platform: form-encoded POST, JSON with a `result` in 200 whatever happened.
 * Anything else (another status, no JSON, no answer in five seconds) is an outage.
 */
export function virtuozzoPlatform({
  apiUrl,
  sessionEndedCodes,
}: VirtuozzoPlatformOptions): VirtuozzoPlatform & { status: OutageGuard['status'] } {
  const guard = outageGuard('virtuozzo');
  const base = `${apiUrl.replace(/\/+$/, '')}/1.0`;
  const call = (method: string, parameters: Readonly<Record<string, string>>): Promise<Answer> =>
    guard.run(() => post(`${base}/${method}`, parameters));
  const authentication = 'users/authentication/rest';

  return {
    status: guard.status,
    signIn: async (login, password) => signedIn(await call(`${authentication}/signin`, { login, password })),
    signInByToken: async (token) => signedIn(await call(`${authentication}/signinbytoken`, { token })),

    async createToken(session, password) {
      const about = { session, password, description: tokenDescription, tokenTemplate };
      const { result, token } = await call(`${authentication}/createtoken`, about);
      return result === 0 && token ? { token: token.key, tokenId: String(token.id) } : undefined;
    },

    async accepts(session) {
      const { result, error } = await call('users/account/rest/getuserinfo', { session });
      if (result === 0) return true;
      if (sessionEndedCodes.has(result) || /not authenticated|session/i.test(error ?? '')) return false;
      throw new Unavailable('virtuozzo');
    },

    async signOut(session) {
      await call(`${authentication}/signout`, { session });
    },

    async deleteToken(session, ids) {
      await call(`${authentication}/deletetokens`, { session, ids });
    },
  };
}

async function post(url: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
  const request = {
    method: 'POST',
    // Sent in the body: a query would stand in logs.
    body: new URLSearchParams(parameters),
    headers: { Accept: 'application/json', 'User-Agent': userAgent },
  };
  const { ok, text } = await wholeAnswer(url, request, timeoutMs);
  if (!ok) throw new Unavailable('virtuozzo');
  const answer = answerSchema.parse(JSON.parse(text));
  if (outageResults.has(answer.result) || (answer.result >= 500 && answer.result < 600))
    throw new Unavailable('virtuozzo');
  return answer;
}

/** A session that waits for a second factor is no session yet. */
function signedIn({ result, session, accessType, authType }: Answer): VirtuozzoSignIn {
  if (result !== 0) return { kind: 'refused', reason: 'credentials' };
  if (authType === 'TFA' || accessType === 'RESTRICTED') return { kind: 'refused', reason: 'two-factor' };
  if (session === null || session === undefined) throw new Unavailable('virtuozzo');
  return { kind: 'signed-in', sessionKey: session };
}
