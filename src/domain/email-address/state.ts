import type { EmailAddressEvent } from './events.ts';

/** As many notices as the limit of an hour needs; older ones cannot matter. */
export const noticesPerHour = 3;

interface Asked {
  // Each is counted apart: were they one, how many of one are left would tell whether another led to a notice.
  /** When somebody last tried to register this held address, oldest first. */
  readonly notices: readonly string[];
  /** When the verification link was last asked for again. */
  readonly resendRequests: readonly string[];
  /** When a new password was last asked for. */
  readonly resetRequests: readonly string[];
}

export type EmailAddressState = Asked &
  (
    | { readonly status: 'free' }
    | { readonly status: 'reserved'; readonly userId: string }
    | { readonly status: 'confirmed'; readonly userId: string }
  );

export const initialState: EmailAddressState = { status: 'free', notices: [], resendRequests: [], resetRequests: [] };

export function evolve(state: EmailAddressState, event: EmailAddressEvent): EmailAddressState {
  const { notices, resendRequests, resetRequests } = state;
  const asked = { notices, resendRequests, resetRequests };
  switch (event.type) {
    case 'EmailAddressReserved':
      return { status: 'reserved', userId: event.data.userId, ...asked };
    case 'EmailAddressConfirmed':
      return { status: 'confirmed', userId: event.data.userId, ...asked };
    case 'EmailAddressReleased':
      return { status: 'free', ...asked };
    case 'RegistrationRepeated':
      return { ...state, notices: [...notices, event.data.at].slice(-noticesPerHour) };
    case 'VerificationResendRequested':
      return { ...state, resendRequests: [...resendRequests, event.data.at].slice(-noticesPerHour) };
    case 'PasswordResetRequested':
      return { ...state, resetRequests: [...resetRequests, event.data.at].slice(-noticesPerHour) };
  }
}

export function holderOf(state: EmailAddressState): string | undefined {
  return state.status === 'free' ? undefined : state.userId;
}
