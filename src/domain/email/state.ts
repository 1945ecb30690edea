import type { EmailEvent } from './events.ts';

export type EmailState =
  | { readonly status: 'new' }
  | { readonly status: 'sending'; readonly attempt: number }
  | { readonly status: 'sent' }
  | { readonly status: 'rejected' };

export const initialState: EmailState = { status: 'new' };

export function evolve(state: EmailState, event: EmailEvent): EmailState {
  switch (event.type) {
    case 'EmailSendStarted':
      return isOver(state) ? state : { status: 'sending', attempt: event.data.attempt };
    case 'EmailSent':
      return isOver(state) ? state : { status: 'sent' };
    case 'EmailRejected':
      return isOver(state) ? state : { status: 'rejected' };
  }
}

/** The first outcome stands. */
export function isOver(state: EmailState): boolean {
  return state.status === 'sent' || state.status === 'rejected';
}
