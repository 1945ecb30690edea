import { expect } from 'vitest';
import { call, eventually, logIn, newPerson, startLogin, type Answer, type Client, type Grant } from './journey.ts';
import { problemOf } from './persistence.ts';
import type { Stack } from './stack.ts';

export interface SignedIn {
  readonly client: Client;
  readonly email: string;
  readonly grant: Grant;
}

/** How long an answer took comes with it, in milliseconds. */
export async function timed(request: () => Promise<Answer>): Promise<Answer & { readonly ms: number }> {
  const before = performance.now();
  return { ...(await request()), ms: performance.now() - before };
}

export function expectUnavailable(answer: Answer, problem: string): void {
  expect([answer.status, problemOf(answer)]).toEqual([503, problem]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

/** What people and operators do with one installation while something is away. */
export function outagesOf(stack: () => Stack) {
  let people = 0;

  async function signedIn(): Promise<SignedIn> {
    const [client, email] = [stack().client(), `outage-${String((people += 1))}@example.com`];
    await newPerson(client, email);
    return { client, email, grant: await logIn(client, email) };
  }

  const whoAmI = ({ client, grant }: Pick<SignedIn, 'client' | 'grant'>) =>
    call(client, 'GET', '/v1/session', { bearer: grant.accessToken });

  const statusOfSession = async (who: SignedIn) => (await whoAmI(who)).status;

  const logOut = ({ client, grant }: SignedIn) => call(client, 'DELETE', '/v1/session', { bearer: grant.accessToken });

  const refresh = ({ client, grant }: SignedIn) =>
    call(client, 'POST', '/v1/sessions/refresh', { body: { refreshToken: grant.refreshToken } });

  /** All steps of a login but the last, which gives the session. */
  async function atTheDoor({ client, email }: SignedIn): Promise<() => Promise<Answer>> {
    const { body } = await startLogin(client, email);
    const { loginId, loginToken, teams } = body as unknown as {
      loginId: string;
      loginToken: string;
      teams: { teamId: string }[];
    };
    const options = { bearer: loginToken, body: { teamId: teams[0]?.teamId } };
    return () => call(client, 'POST', `/v1/logins/${loginId}/team`, options);
  }

  async function readiness() {
    const answer = await call(stack().client(), 'GET', '/readyz');
    const { dependencies } = answer.body as { dependencies?: Record<string, { status: string; circuit: string }> };
    return { status: answer.status, dependencies };
  }

  const livez = async () => (await fetch(`${stack().apiUrl}/livez`)).ok;

  /** As Prometheus sees it: 0 closed, 1 half-open, 2 open. */
  async function circuit(dependency: string): Promise<number> {
    const metrics = await (await fetch(`${stack().apiUrl}/metrics`)).text();
    const line = new RegExp(`^mbauth_circuit_state\\{dependency="${dependency}"\\} (\\d)$`, 'm');
    return Number(line.exec(metrics)?.[1]);
  }

  /** Without any help: somebody new gets all the way in, and out again. */
  async function everythingWorks(): Promise<void> {
    await eventually(async () => {
      expect((await readiness()).status).toBe(200);
    }, 30_000);
    // A circuit breaker may take a second more to find out, and a read model to catch up.
    const fresh = await eventually(async () => {
      const who = await signedIn();
      expect(await statusOfSession(who)).toBe(200);
      return who;
    }, 30_000);
    expect((await logOut(fresh)).status).toBe(204);
    expect(await statusOfSession(fresh)).toBe(401);
  }

  return { signedIn, whoAmI, statusOfSession, logOut, refresh, atTheDoor, readiness, livez, circuit, everythingWorks };
}
