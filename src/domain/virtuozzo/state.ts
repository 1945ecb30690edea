import type { VirtuozzoEvent, VirtuozzoMethod } from './events.ts';

/** `sign-in-needed`: only a person can get another key. */
export type VirtuozzoCondition = 'working' | 'outage' | 'sign-in-needed';

export interface LinkedVirtuozzo {
  readonly status: 'linked';
  readonly linkId: string;
  readonly method: VirtuozzoMethod;
  readonly since: string;
  readonly condition: VirtuozzoCondition;
  /** Since when the condition holds. */
  readonly conditionSince: string;
}

export type VirtuozzoState = { readonly status: 'unlinked' } | LinkedVirtuozzo;

export const initialState: VirtuozzoState = { status: 'unlinked' };

export function evolve(state: VirtuozzoState, event: VirtuozzoEvent): VirtuozzoState {
  if (event.type === 'VirtuozzoLinked') {
    const { linkId, method, at } = event.data;
    return { status: 'linked', linkId, method, since: at, condition: 'working', conditionSince: at };
  }
  return state.status === 'linked' && event.data.linkId === state.linkId ? evolveLinked(state, event) : state;
}

function evolveLinked(
  state: LinkedVirtuozzo,
  event: Exclude<VirtuozzoEvent, { type: 'VirtuozzoLinked' }>,
): VirtuozzoState {
  const now = (condition: VirtuozzoCondition) => ({ ...state, condition, conditionSince: event.data.at });
  switch (event.type) {
    case 'VirtuozzoSessionRefreshed':
    case 'VirtuozzoOutageEnded':
      return state.condition === 'working' ? state : now('working');
    case 'VirtuozzoOutageBegan':
      return now('outage');
    case 'VirtuozzoRefreshFailed':
      return now('sign-in-needed');
    case 'VirtuozzoUnlinked':
      return initialState;
  }
}
