import { emailAddress } from '../../domain/email-address/decide.ts';
import { DomainError } from '../../domain/errors.ts';
import { normalisePassword, passwordProblems } from '../../domain/password-policy.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Credentials, Passwords, PersonalData, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CompleteInvitedRegistration } from './complete-invited-registration.ts';
import type { GoodInvitation } from './invitation-of-token.ts';
import { invitedAddress } from './invited-address.ts';

/** An attempt leaves a refused registration behind when it loses a race; the same link may be tried again. */
const maxAttempts = 5;

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  personalData: PersonalData;
  tokens: Tokens;
  clock: Clock;
  completeInvitedRegistration: CompleteInvitedRegistration;
}

type NewPerson = GoodInvitation & { name: string; password: string; deviceToken: string };

/** Answers the id of the new person. Throws `sign-in-to-accept`, `invitation-used`, `password-not-acceptable`. */
export type RegisterInvited = (person: NewPerson, context: Context) => Promise<string>;

/** One account for one link: its id follows from the link, so that of two who use it at once only one gets it. */
export function registerInvited(deps: Dependencies): RegisterInvited {
  const loadAddress = streamLoader(deps, emailAddress);
  const loadUser = streamLoader(deps, user);
  const handle = commandHandler(deps, user);

  return async ({ invitation, team, name, password: given, deviceToken }, context) => {
    const { passwords, credentials, tokens, newId, clock, completeInvitedRegistration } = deps;
    const { invitationId, tokenId, emailHash } = invitation;
    const address = await loadAddress(streams.emailAddress(emailHash));
    if (address.state.status === 'confirmed') throw new DomainError('sign-in-to-accept');
    const email = await invitedAddress(deps, invitation);
    if (email === undefined) throw new DomainError('invitation-revoked');

    const password = normalisePassword(given);
    const isCommon = passwords.isCommon(password);
    const problems = passwordProblems({ password, isCommon, name, email, teamName: team.name });
    if (problems.length > 0) throw new DomainError('password-not-acceptable', { reasons: problems.join(', ') });

    const userId = await personOf(tokenId);
    const credentialId = newId();
    await credentials.save(credentialId, userId, await passwords.hash(password));
    const deviceId = tokens.deviceId(deviceToken, userId);
    const about = { userId, emailHash, email, name, credentialId, deviceId, invitationId, tokenId, now: clock() };
    const as = actingAs(userId, context);
    const { events } = await handle(streams.user(userId), { type: 'SubmitInvitedRegistration', ...about }, as);
    if (events.length === 0) await credentials.discard(credentialId);
    await completeInvitedRegistration({ userId }, as);
    // Somebody else was first with the same link, and chose the password.
    if (events.length === 0) throw new DomainError('invitation-used');
    return userId;
  };

  /** The first id of this link that no refused registration has. */
  async function personOf(tokenId: string): Promise<string> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const userId = deps.tokens.derivedId(tokenId, `invited person ${String(attempt)}`);
      if ((await loadUser(streams.user(userId))).state.status !== 'refused') return userId;
    }
    throw new DomainError('sign-in-to-accept');
  }
}
