import type { Decider } from '../decider.ts';
import type { VirtuozzoEvent, VirtuozzoMethod, VirtuozzoRefreshFailure, VirtuozzoUnlinkReason } from './events.ts';
import { evolve, initialState, type LinkedVirtuozzo, type VirtuozzoState } from './state.ts';

interface Link {
  type: 'Link';
  teamId: string;
  linkId: string;
  userId: string;
  method: VirtuozzoMethod;
  login: string | null;
  renewable: boolean;
  now: Date;
}

interface Unlink {
  type: 'Unlink';
  teamId: string;
  reason: VirtuozzoUnlinkReason;
  now: Date;
}

/** What a probe of one link has found; of a link that is not there any more nothing is recorded. */
type Probed = { teamId: string; linkId: string; now: Date } & (
  | { type: 'RecordWorking' }
  | { type: 'RecordRefreshed' }
  | { type: 'RecordUnavailable' }
  | { type: 'RecordRefused'; reason: VirtuozzoRefreshFailure }
);

type VirtuozzoCommand = Link | Unlink | Probed;

function decide(command: VirtuozzoCommand, state: VirtuozzoState): readonly VirtuozzoEvent[] {
  if (command.type === 'Link') return link(command, state);
  if (state.status === 'unlinked') return [];
  if (command.type === 'Unlink') {
    const { teamId, reason, now } = command;
    return [{ type: 'VirtuozzoUnlinked', data: { teamId, linkId: state.linkId, reason, at: now.toISOString() } }];
  }
  return state.linkId === command.linkId ? probed(command, state) : [];
}

function link({ type: _, now, ...about }: Link, state: VirtuozzoState): readonly VirtuozzoEvent[] {
  const replaces = state.status === 'linked' ? state.linkId : null;
  if (replaces === about.linkId) return [];
  return [{ type: 'VirtuozzoLinked', data: { ...about, replaces, at: now.toISOString() } }];
}

function probed(command: Probed, state: LinkedVirtuozzo): readonly VirtuozzoEvent[] {
  const { teamId, linkId, now } = command;
  const about = { teamId, linkId, at: now.toISOString() };
  const outageEnded: readonly VirtuozzoEvent[] =
    state.condition !== 'working'
      ? [{ type: 'VirtuozzoOutageEnded', data: { ...about, beganAt: state.conditionSince } }]
      : [];
  switch (command.type) {
    case 'RecordWorking':
      return outageEnded;
    case 'RecordRefreshed':
      return [{ type: 'VirtuozzoSessionRefreshed', data: about }, ...outageEnded];
    case 'RecordUnavailable':
      return state.condition === 'working' ? [{ type: 'VirtuozzoOutageBegan', data: about }] : [];
    case 'RecordRefused':
      if (state.condition === 'sign-in-needed') return [];
      return [{ type: 'VirtuozzoRefreshFailed', data: { ...about, reason: command.reason } }];
  }
}

export const virtuozzo: Decider<VirtuozzoState, VirtuozzoCommand, VirtuozzoEvent> = { initialState, evolve, decide };
