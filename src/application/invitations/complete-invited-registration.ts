import { devices } from '../../domain/devices/decide.ts';
import { emailAddress } from '../../domain/email-address/decide.ts';
import { DomainError } from '../../domain/errors.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import { user } from '../../domain/user/decide.ts';
import type { InvitedRegistrationRefusal } from '../../domain/user/events.ts';
import type { InvitedUser } from '../../domain/user/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { fromWhere } from '../context.ts';
import type { Clock, Context, Credentials, PersonalData } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { ClaimAddress } from './claim-address.ts';

interface Dependencies extends CommandHandling {
  credentials: Credentials;
  personalData: PersonalData;
  clock: Clock;
  claimAddress: ClaimAddress;
}

/** Throws `sign-in-to-accept` where the address turns out to have an account, and what accepting the link throws. */
export type CompleteInvitedRegistration = (request: { userId: string }, context: Context) => Promise<void>;

/**
 * What follows when a new person accepts: the address becomes theirs, the invitation is used up (here it is decided
 * between accepting and revoking), the account is there, and so is the trust in its device. Each step finds itself done
 * when it is repeated. What is refused leaves nothing of the person behind.
 */
export function completeInvitedRegistration(deps: Dependencies): CompleteInvitedRegistration {
  const loadUser = streamLoader(deps, user);
  const handleUser = commandHandler(deps, user);
  const handleAddress = commandHandler(deps, emailAddress);
  const handleInvitation = commandHandler(deps, invitation);
  const trustDevice = trustFirstDevice(deps);
  const refusing = refuseInvited(deps);

  return async ({ userId }, context) => {
    const { state } = await loadUser(streams.user(userId));
    if (state.status === 'refused') await refusing.forget(userId);
    if (state.status === 'active') await trustDevice(state, context);
    if (state.status !== 'invited') return;

    const { emailHash } = state;
    if ((await deps.claimAddress({ emailHash, userId }, context)) !== userId) {
      await refusing.refuse(state, 'address-taken', context);
      throw new DomainError('sign-in-to-accept');
    }
    try {
      await accept(state, context);
    } catch (error) {
      if (error instanceof DomainError) await refusing.refuse(state, 'invitation-refused', context);
      throw error;
    }
    const now = deps.clock();
    const confirm = { type: 'ConfirmEmailAddress', emailHash, userId, now } as const;
    await handleAddress(streams.emailAddress(emailHash), confirm, context);
    await handleUser(streams.user(userId), { type: 'AdmitInvitedUser', userId, now }, context);
    await trustDevice(state, context);
  };

  /** The link was good when it was used, however long the rest takes. */
  async function accept({ userId, emailHash, invitationId, tokenId, registeredAt }: InvitedUser, context: Context) {
    const about = { tokenId, userId, emailHash, now: new Date(registeredAt) };
    await handleInvitation(streams.invitation(invitationId), { type: 'AcceptInvitation', ...about }, context);
  }
}

function trustFirstDevice(deps: Dependencies) {
  const handle = commandHandler(deps, devices);
  return async ({ userId, deviceId }: { userId: string; deviceId: string }, context: Context): Promise<void> => {
    const stream = streams.devices(userId);
    // Once: a device whose trust has ended since is not trusted again by a repeated step.
    const { events } = await deps.eventStore.readStream(stream);
    if (events.length > 0) return;
    const submission = async () => (await deps.eventStore.readStream(streams.user(userId))).events[0];
    const as = await fromWhere(deps, submission, context);
    const about = { userId, deviceId, method: 'registration', loginId: null } as const;
    await handle(stream, { type: 'ApproveDevice', ...about, now: deps.clock() }, as);
  };
}

function refuseInvited(deps: Dependencies) {
  const handleUser = commandHandler(deps, user);
  const handleAddress = commandHandler(deps, emailAddress);

  async function refuse({ userId, emailHash }: InvitedUser, reason: InvitedRegistrationRefusal, context: Context) {
    const now = deps.clock();
    const release = { type: 'ReleaseEmailAddress', emailHash, userId, reason: 'invitation-refused', now } as const;
    await handleAddress(streams.emailAddress(emailHash), release, context);
    await handleUser(streams.user(userId), { type: 'RefuseInvitedRegistration', userId, reason, now }, context);
    await forget(userId);
  }

  async function forget(userId: string): Promise<void> {
    await deps.credentials.remove(userId);
    await deps.personalData.destroyKey(userId);
  }

  return { refuse, forget };
}
