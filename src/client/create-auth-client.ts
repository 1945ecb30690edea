import { keySet, type Fetch } from './key-set.ts';
import { permissionGuard, type Middleware } from './require-permission.ts';
import { sessionStates, type SessionState } from './session-state.ts';
import { tokenVerifier, type Claims } from './verify-token.ts';

export { AccessRefused } from './problem.ts';

export interface AuthClientOptions {
  /** Where the service is reached, e.g. `http://auth.internal:8080`. */
  readonly baseUrl: string;
  /** The service's `PUBLIC_URL`, which issues the tokens; `baseUrl` when absent. */
  readonly issuer?: string;
  /** Whom the tokens are for; the issuer when absent. */
  readonly audience?: string;
  /** How old an answer about a session may be. 0 asks for each request: then a revocation holds at once. */
  readonly stalenessSeconds?: number;
  /** How many tokens are remembered. */
  readonly cacheSize?: number;
  readonly fetch?: Fetch;
  readonly clock?: () => Date;
}

export interface AuthClient {
  /** The token's own word: genuine and not expired. Says nothing about its session. Throws `AccessRefused`. */
  verify(token: string): Promise<Claims>;
  /** The token's session and its rights, at most `stalenessSeconds` old. Throws `AccessRefused`. */
  session(token: string): Promise<SessionState & { readonly claims: Claims }>;
  /** For each permission whether the token's session has it, in the team that it is in. Throws `AccessRefused`. */
  authorize<Name extends string>(token: string, permissions: readonly Name[]): Promise<Record<Name, boolean>>;
  /** For Express and whatever else calls its handlers so. */
  requirePermission(...permissions: readonly string[]): Middleware;
}

const defaults = { stalenessSeconds: 5, cacheSize: 10_000 };

/** What a resource service needs of MBPanel Auth: tokens are verified in this process, sessions by asking. */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const issuer = options.issuer ?? baseUrl;
  const { stalenessSeconds, cacheSize: size } = { ...defaults, ...options };
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const clock = options.clock;
  const now = clock === undefined ? Date.now : () => clock().getTime();
  const keys = keySet({ url: `${baseUrl}/.well-known/jwks.json`, fetch, now });
  const verify = tokenVerifier({ keys, issuer, audience: options.audience ?? issuer, now, size });
  const url = `${baseUrl}/v1/session`;
  const stateOf = sessionStates({ url, fetch, now, stalenessMs: stalenessSeconds * 1000, size });

  const client: AuthClient = {
    verify: async (token) => (await verify(token)).claims,
    async session(token) {
      const verified = await verify(token);
      return { ...(await stateOf(token, verified)), claims: verified.claims };
    },
    async authorize(token, permissions) {
      const { permissions: held } = await stateOf(token, await verify(token));
      const answers = permissions.map((name) => [name, held.has(name)] as const);
      return Object.fromEntries(answers) as Record<(typeof permissions)[number], boolean>;
    },
    requirePermission: (...permissions) => permissionGuard(client, permissions),
  };
  return client;
}
