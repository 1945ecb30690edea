import type { EmailAddressEvent } from './events.ts';

/** As many notices as the limit of an hour needs; older ones cannot matter. */
export const noticesPerHour = 3;

/** `notices`: when this address was last written to because of what strangers asked for, oldest first. */
export type EmailAddressState = { readonly notices: readonly string[] } & (
  | { readonly status: 'free' }
  | { readonly status: 'reserved'; readonly userId: string }
  | { readonly status: 'confirmed'; readonly userId: string }
);

export const initialState: EmailAddressState = { status: 'free', notices: [] };

export function evolve(state: EmailAddressState, event: EmailAddressEvent): EmailAddressState {
  const { notices } = state;
  switch (event.type) {
    case 'EmailAddressReserved':
      return { status: 'reserved', userId: event.data.userId, notices };
    case 'EmailAddressConfirmed':
      return { status: 'confirmed', userId: event.data.userId, notices };
    case 'EmailAddressReleased':
      return { status: 'free', notices };
    case 'RegistrationRepeated':
    case 'VerificationResendRequested':
      return { ...state, notices: [...notices, event.data.at].slice(-noticesPerHour) };
  }
}

export function holderOf(state: EmailAddressState): string | undefined {
  return state.status === 'free' ? undefined : state.userId;
}
