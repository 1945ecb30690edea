import type { EmailAddressEvent } from './events.ts';

/** As many notices as the limit of an hour needs; older ones cannot matter. */
export const noticesPerHour = 3;

interface Asked {
  /** When this address was last written to because of what strangers asked for, oldest first. */
  readonly notices: readonly string[];
  /** When a new password was last asked for; apart, since notices that lead to no mail must not use these up. */
  readonly resetRequests: readonly string[];
}

export type EmailAddressState = Asked &
  (
    | { readonly status: 'free' }
    | { readonly status: 'reserved'; readonly userId: string }
    | { readonly status: 'confirmed'; readonly userId: string }
  );

export const initialState: EmailAddressState = { status: 'free', notices: [], resetRequests: [] };

export function evolve(state: EmailAddressState, event: EmailAddressEvent): EmailAddressState {
  const { notices, resetRequests } = state;
  switch (event.type) {
    case 'EmailAddressReserved':
      return { status: 'reserved', userId: event.data.userId, notices, resetRequests };
    case 'EmailAddressConfirmed':
      return { status: 'confirmed', userId: event.data.userId, notices, resetRequests };
    case 'EmailAddressReleased':
      return { status: 'free', notices, resetRequests };
    case 'RegistrationRepeated':
    case 'VerificationResendRequested':
      return { ...state, notices: [...notices, event.data.at].slice(-noticesPerHour) };
    case 'PasswordResetRequested':
      return { ...state, resetRequests: [...resetRequests, event.data.at].slice(-noticesPerHour) };
  }
}

export function holderOf(state: EmailAddressState): string | undefined {
  return state.status === 'free' ? undefined : state.userId;
}
