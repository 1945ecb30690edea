import type { Decider } from '../decider.ts';
import { elapsedMs, hourMs } from '../time.ts';
import type { EmailAddressEvent, ReleaseReason } from './events.ts';
import { evolve, holderOf, initialState, noticesPerHour, type EmailAddressState } from './state.ts';

export type EmailAddressCommand =
  | { type: 'ReserveEmailAddress'; emailHash: string; userId: string; now: Date }
  | { type: 'ConfirmEmailAddress'; emailHash: string; userId: string; now: Date }
  | { type: 'ReleaseEmailAddress'; emailHash: string; userId: string; reason: ReleaseReason; now: Date }
  | { type: 'RequestVerificationResend'; emailHash: string; now: Date }
  | { type: 'RequestPasswordReset'; emailHash: string; now: Date };

type CommandOf<Type extends EmailAddressCommand['type']> = Extract<EmailAddressCommand, { type: Type }>;

function decide(command: EmailAddressCommand, state: EmailAddressState): readonly EmailAddressEvent[] {
  switch (command.type) {
    case 'ReserveEmailAddress':
      return reserve(command, state);
    case 'ConfirmEmailAddress':
      return confirm(command, state);
    case 'ReleaseEmailAddress':
      return release(command, state);
    case 'RequestVerificationResend':
      return requestResend(command, state);
    case 'RequestPasswordReset':
      return requestReset(command, state);
  }
}

// Never refused: the answer must not differ for a known address. Who got it is in the resulting state.
function reserve(
  { emailHash, userId, now }: CommandOf<'ReserveEmailAddress'>,
  state: EmailAddressState,
): readonly EmailAddressEvent[] {
  const at = now.toISOString();
  if (state.status === 'free') return [{ type: 'EmailAddressReserved', data: { emailHash, userId, at } }];
  if (state.userId === userId || usedUp(state.notices, now)) return [];
  const confirmed = state.status === 'confirmed';
  return [{ type: 'RegistrationRepeated', data: { emailHash, userId: state.userId, confirmed, at } }];
}

function confirm(
  { emailHash, userId, now }: CommandOf<'ConfirmEmailAddress'>,
  state: EmailAddressState,
): readonly EmailAddressEvent[] {
  if (holderOf(state) !== userId) throw new Error(`user ${userId} confirms an address that they do not hold`);
  if (state.status === 'confirmed') return [];
  return [{ type: 'EmailAddressConfirmed', data: { emailHash, userId, at: now.toISOString() } }];
}

function release(
  { emailHash, userId, reason, now }: CommandOf<'ReleaseEmailAddress'>,
  state: EmailAddressState,
): readonly EmailAddressEvent[] {
  if (holderOf(state) !== userId) return [];
  return [{ type: 'EmailAddressReleased', data: { emailHash, userId, reason, at: now.toISOString() } }];
}

function requestResend(
  { emailHash, now }: CommandOf<'RequestVerificationResend'>,
  state: EmailAddressState,
): readonly EmailAddressEvent[] {
  if (usedUp(state.resendRequests, now)) return [];
  const userId = state.status === 'reserved' ? state.userId : null;
  return [{ type: 'VerificationResendRequested', data: { emailHash, userId, at: now.toISOString() } }];
}

function requestReset(
  { emailHash, now }: CommandOf<'RequestPasswordReset'>,
  state: EmailAddressState,
): readonly EmailAddressEvent[] {
  if (usedUp(state.resetRequests, now)) return [];
  const userId = holderOf(state) ?? null;
  return [{ type: 'PasswordResetRequested', data: { emailHash, userId, at: now.toISOString() } }];
}

function usedUp(times: readonly string[], now: Date): boolean {
  return times.filter((at) => elapsedMs(at, now) < hourMs).length >= noticesPerHour;
}

/** Anybody can make this stream grow, by nine events an hour. */
export const emailAddress: Decider<EmailAddressState, EmailAddressCommand, EmailAddressEvent> = {
  initialState,
  evolve,
  decide,
  stateVersion: 3,
};
