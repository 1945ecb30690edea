import { inTime } from './in-time.ts';
import type { Fetch } from './key-set.ts';
import { AccessRefused, serviceUnavailable } from './problem.ts';
import { recent } from './recent.ts';
import type { VerifiedToken } from './verify-token.ts';

/** What the service knows about a session at one moment. */
export interface SessionState {
  readonly user: { readonly userId: string; readonly name: string | null; readonly email: string | null };
  /** `undefined` for somebody who has left the team or was removed from it: then there are no permissions either. */
  readonly team?: { readonly teamId: string; readonly name: string };
  readonly role?: { readonly roleId: string; readonly name: string };
  readonly permissions: ReadonlySet<string>;
}

/** Throws `AccessRefused`: 401 for a session that has ended, 503 when the service cannot be asked. */
export type StateOf = (token: string, verified: VerifiedToken) => SessionState | Promise<SessionState>;

interface Known {
  readonly state: Promise<SessionState>;
  /** Once it is there, so that nobody has to wait for a promise. */
  settled?: SessionState;
  readonly askedAt: number;
}

const timeoutMs = 5000;

/**
 * Asks the service about a session, and remembers the answer for `stalenessMs`, counted from the moment of asking. An
 * answer that is a refusal is not remembered.
 */
export function sessionStates({
  url,
  fetch,
  now,
  stalenessMs,
  size,
}: {
  url: string;
  fetch: Fetch;
  now: () => number;
  stalenessMs: number;
  size: number;
}): StateOf {
  const known = recent<Known>(size);

  return (token, { digest, claims }) => {
    const last = known.get(digest);
    if (last !== undefined && now() - last.askedAt < stalenessMs) return last.settled ?? last.state;
    const entry: Known = { state: ask(url, token, claims.userId, fetch), askedAt: now() };
    if (stalenessMs > 0) remember(digest, entry);
    return entry.state;
  };

  function remember(digest: string, entry: Known): void {
    known.set(digest, entry);
    entry.state.then(
      (state) => {
        entry.settled = state;
      },
      () => {
        if (known.get(digest) === entry) known.delete(digest);
      },
    );
  }
}

async function ask(url: string, token: string, userId: string, fetch: Fetch): Promise<SessionState> {
  const { status, ok, body } = await answerTo(url, token, fetch);
  if (body === null) throw serviceUnavailable(new Error(`Status ${String(status)} without a JSON body.`));
  if (ok) {
    const { user, team, role, permissions } = body as WhoAmI;
    return { user, team, role, permissions: new Set(permissions) };
  }
  const code = (body as Problem).type?.replace(/^urn:problem:/, '') ?? '';
  if (status === 404 && code === 'team-not-found') {
    return { user: { userId, name: null, email: null }, permissions: new Set() };
  }
  if (status === 401) throw new AccessRefused(401, code, (body as Problem).title ?? 'A valid session is needed');
  throw serviceUnavailable(new Error(`Status ${String(status)}: ${code}.`));
}

async function answerTo(url: string, token: string, fetch: Fetch) {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  try {
    return await inTime(timeoutMs, async (signal) => {
      const answer = await fetch(url, { headers, signal });
      const { ok, status } = answer;
      return { ok, status, body: (await answer.json().catch(() => null)) as WhoAmI | Problem | null };
    });
  } catch (error) {
    throw serviceUnavailable(error);
  }
}

interface WhoAmI {
  readonly user: SessionState['user'];
  readonly team: { readonly teamId: string; readonly name: string };
  readonly role: { readonly roleId: string; readonly name: string };
  readonly permissions: readonly string[];
}

interface Problem {
  readonly type?: string;
  readonly title?: string;
}
