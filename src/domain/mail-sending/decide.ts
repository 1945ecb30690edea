import type { Decider } from '../decider.ts';
import type { MailPauseReason, MailSendingEvent } from './events.ts';

export type MailSendingState =
  | { readonly status: 'running' }
  | { readonly status: 'paused'; readonly reason: MailPauseReason; readonly since: string };

type MailSendingCommand = { type: 'Pause'; reason: MailPauseReason; now: Date } | { type: 'Resume'; now: Date };

const initialState: MailSendingState = { status: 'running' };

function evolve(_state: MailSendingState, event: MailSendingEvent): MailSendingState {
  switch (event.type) {
    case 'MailSendingPaused':
      return { status: 'paused', reason: event.data.reason, since: event.data.at };
    case 'MailSendingResumed':
      return initialState;
  }
}

function decide(command: MailSendingCommand, state: MailSendingState): readonly MailSendingEvent[] {
  const at = command.now.toISOString();
  switch (command.type) {
    case 'Pause':
      return state.status === 'paused' ? [] : [{ type: 'MailSendingPaused', data: { reason: command.reason, at } }];
    case 'Resume':
      return state.status === 'paused' ? [{ type: 'MailSendingResumed', data: { pausedAt: state.since, at } }] : [];
  }
}

export const mailSending: Decider<MailSendingState, MailSendingCommand, MailSendingEvent> = {
  initialState,
  evolve,
  decide,
  stateVersion: 1,
};
