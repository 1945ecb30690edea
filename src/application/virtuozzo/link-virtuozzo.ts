import { DomainError } from '../../domain/errors.ts';
import { virtuozzo } from '../../domain/virtuozzo/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { RequirePermission } from '../teams/require-permission.ts';
import type { VirtuozzoKeys, VirtuozzoPlatform, VirtuozzoSecret, VirtuozzoSignIn } from '../virtuozzo.ts';
import type { ForgetVirtuozzoKey } from './forget-virtuozzo-key.ts';
import { requireOwner } from './virtuozzo-link.ts';

export type VirtuozzoCredentials = { readonly login: string; readonly password: string } | { readonly token: string };

interface Dependencies extends CommandHandling {
  clock: Clock;
  requirePermission: RequirePermission;
  virtuozzoKeys: VirtuozzoKeys;
  /** `null` where no platform is configured. */
  virtuozzoPlatform: VirtuozzoPlatform | null;
  virtuozzoSettings: { readonly probeSeconds: number };
  forgetVirtuozzoKey: ForgetVirtuozzoKey;
}

/**
 * Throws `not-an-owner`, `virtuozzo-not-configured`, `virtuozzo-credentials-refused`, `virtuozzo-two-factor`,
 * `Unavailable('virtuozzo')`.
 */
export type LinkVirtuozzo = (
  request: { teamId: string; userId: string; credentials: VirtuozzoCredentials },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/**
 * The key is in the vault before the event says so; whoever links last holds the link, and the key that it replaces is
 * wiped. A password is passed on once, for a session and a token of our own, and not kept.
 */
export function linkVirtuozzo(deps: Dependencies): LinkVirtuozzo {
  const handle = commandHandler(deps, virtuozzo);
  const { clock, newId, virtuozzoKeys, virtuozzoPlatform: platform, virtuozzoSettings } = deps;

  return async ({ teamId, userId, credentials }, context) => {
    await requireOwner(deps.requirePermission, { teamId, userId });
    if (platform === null) throw new DomainError('virtuozzo-not-configured');
    const secret =
      'token' in credentials ? await byToken(platform, credentials) : await byPassword(platform, credentials);
    const linkId = newId();
    const now = clock();
    const dueAt = new Date(now.getTime() + virtuozzoSettings.probeSeconds * 1000);
    await virtuozzoKeys.save({ linkId, teamId, secret, obtainedAt: now }, dueAt);
    const method = 'token' in credentials ? ('token' as const) : ('password' as const);
    const login = 'token' in credentials ? null : credentials.login;
    const about = { teamId, linkId, userId, method, login, renewable: secret.token !== undefined, now };
    const { events, position } = await handle(streams.virtuozzo(teamId), { type: 'Link', ...about }, context);
    for (const { type, data } of events) {
      // The reaction does it too, should this process die here.
      if (type === 'VirtuozzoLinked' && data.replaces !== null)
        await deps.forgetVirtuozzoKey({ linkId: data.replaces }).catch(() => undefined);
    }
    return { position };
  };
}

async function byToken(platform: VirtuozzoPlatform, { token }: { token: string }): Promise<VirtuozzoSecret> {
  return { sessionKey: signedIn(await platform.signInByToken(token)), token };
}

async function byPassword(
  platform: VirtuozzoPlatform,
  { login, password }: { login: string; password: string },
): Promise<VirtuozzoSecret> {
  const sessionKey = signedIn(await platform.signIn(login, password));
  return { sessionKey, ...(await platform.createToken(sessionKey, password)) };
}

function signedIn(answer: VirtuozzoSignIn): string {
  if (answer.kind === 'signed-in') return answer.sessionKey;
  throw new DomainError(answer.reason === 'two-factor' ? 'virtuozzo-two-factor' : 'virtuozzo-credentials-refused');
}
