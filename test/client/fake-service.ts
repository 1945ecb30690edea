import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const signingKey = (kid: string): SigningKey => ({ kid, ...generateKeyPairSync('ed25519') });

/** The service, as far as the client sees it. */
export function fakeService() {
  const of = {
    keys: [signingKey('one')],
    permissions: ['site.create', 'team.view'],
    /** Instead of who the caller is. */
    refusal: undefined as { status: number; type: string } | undefined,
    away: false,
    /** It begins its answers and never ends them, whatever signal it was given. */
    endless: false,
    calls: { keys: 0, session: 0 },
  };
  const answer = (status: number, body: unknown) => ({
    ok: status < 400,
    status,
    json: () =>
      of.endless ? new Promise(() => undefined) : Promise.resolve(JSON.parse(JSON.stringify(body)) as unknown),
  });
  return Object.assign(of, {
    fetch: async (url: string) => {
      of.calls[url.endsWith('jwks.json') ? 'keys' : 'session'] += 1;
      if (of.away) throw new TypeError('fetch failed');
      if (url.endsWith('jwks.json')) {
        const keys = await Promise.all(
          of.keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid })),
        );
        return answer(200, { keys });
      }
      if (of.refusal) return answer(of.refusal.status, { type: `urn:problem:${of.refusal.type}`, title: 'No' });
      const user = { userId: 'ada', name: 'Ada', email: 'ada@example.com' };
      const team = { teamId: 'team', name: 'Acme' };
      return answer(200, { user, team, role: { roleId: 'role', name: 'Owner' }, permissions: of.permissions });
    },
  });
}
