import type { EmailEvent } from './events.ts';

export type EmailState =
  | { readonly status: 'new' }
  | { readonly status: 'sending'; readonly attempt: number }
  | { readonly status: 'parked'; readonly attempt: number }
  /** `reports`: what the provider has told of since, by its own ids. */
  | { readonly status: 'sent'; readonly providerMessageId: string; readonly reports: readonly string[] }
  | { readonly status: 'rejected' }
  | { readonly status: 'dropped' };

export const initialState: EmailState = { status: 'new' };

export function evolve(state: EmailState, event: EmailEvent): EmailState {
  if (event.type === 'EmailBounced') return reported(state, event.data.bounceId);
  if (event.type === 'EmailComplained') return reported(state, event.data.complaintId);
  if (event.type === 'EmailRetryRequested')
    return state.status === 'parked' ? { status: 'sending', attempt: state.attempt } : state;
  return isOver(state) ? state : evolveOpen(state, event);
}

type OutcomeEvent = Exclude<EmailEvent, { type: 'EmailBounced' | 'EmailComplained' | 'EmailRetryRequested' }>;

function evolveOpen(state: EmailState, event: OutcomeEvent): EmailState {
  switch (event.type) {
    case 'EmailSendStarted':
      return { status: 'sending', attempt: event.data.attempt };
    case 'EmailSent':
      return { status: 'sent', providerMessageId: event.data.providerMessageId, reports: [] };
    case 'EmailRejected':
      return { status: 'rejected' };
    case 'EmailDropped':
      return { status: 'dropped' };
    case 'EmailParked':
      return { status: 'parked', attempt: state.status === 'sending' ? state.attempt : 0 };
  }
}

function reported(state: EmailState, id: string): EmailState {
  return state.status === 'sent' ? { ...state, reports: [...state.reports, id] } : state;
}

/** The first outcome stands; only what is parked may be begun again. */
export function isOver(state: EmailState): boolean {
  return state.status !== 'new' && state.status !== 'sending';
}
