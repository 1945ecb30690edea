import { emailAddress } from '../../domain/email-address/decide.ts';
import { holderOf } from '../../domain/email-address/state.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Credentials, PersonalData, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  credentials: Credentials;
  personalData: PersonalData;
  tokens: Tokens;
  clock: Clock;
}

export type CompleteRegistration = (request: { userId: string }, context: Context) => Promise<void>;

/** Reserves the address for the person who asked, or forgets that person again when somebody else holds it. */
export function completeRegistration(deps: Dependencies): CompleteRegistration {
  const loadUser = streamLoader(deps, user);
  const handleUser = commandHandler(deps, user);
  const handleAddress = commandHandler(deps, emailAddress);

  return async ({ userId }, context) => {
    const { tokens, clock } = deps;
    const stream = streams.user(userId);
    const { state } = await loadUser(stream);
    if (state.status === 'refused') return forget(userId);
    if (state.status !== 'submitted') return;

    const { emailHash } = state;
    const holder = await reserve(emailHash, userId, context);
    if (holder === userId) {
      const verificationId = tokens.derivedId(userId, 'first verification');
      const accept = { type: 'AcceptRegistration', userId, verificationId, now: clock() } as const;
      const accepted = await handleUser(stream, accept, context);
      // It may have lapsed between the two: nobody would ever release the address again.
      if (accepted.state.status === 'lapsed') await release(emailHash, userId, context);
    } else {
      await handleUser(stream, { type: 'RefuseRegistration', userId, now: clock() }, context);
      await forget(userId);
    }
  };

  /** Who holds the address then. A notice to another holder is given once, also where this crashed just after it. */
  async function reserve(emailHash: string, userId: string, context: Context): Promise<string | undefined> {
    const stream = streams.emailAddress(emailHash);
    const { events } = await deps.eventStore.readStream(stream);
    const notice = events.find(
      (past) => past.event.type === 'RegistrationRepeated' && past.context.causationId === context.causationId,
    );
    if (notice?.event.type === 'RegistrationRepeated') return notice.event.data.userId;
    const command = { type: 'ReserveEmailAddress', emailHash, userId, now: deps.clock() } as const;
    return holderOf((await handleAddress(stream, command, context)).state);
  }

  async function release(emailHash: string, userId: string, context: Context): Promise<void> {
    const reason = 'registration-lapsed' as const;
    const command = { type: 'ReleaseEmailAddress', emailHash, userId, reason, now: deps.clock() } as const;
    await handleAddress(streams.emailAddress(emailHash), command, context);
  }

  async function forget(userId: string): Promise<void> {
    await deps.credentials.remove(userId);
    await deps.personalData.destroyKey(userId);
  }
}
