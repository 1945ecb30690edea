import type { Decider } from '../decider.ts';
import type { GeoCheckEvent } from './events.ts';

type CompletedData = Extract<GeoCheckEvent, { type: 'GeoCheckCompleted' }>['data'];

export type GeoCheckCommand =
  | ({ type: 'RecordVerdict'; now: Date } & Omit<CompletedData, 'at'>)
  | { type: 'RecordFailure'; loginId: string; userId: string; now: Date };

/** A check has one verdict; until then it may be tried again. */
export interface GeoCheckState {
  readonly status: 'open' | 'failed' | 'completed';
}

const initialState: GeoCheckState = { status: 'open' };

function evolve(state: GeoCheckState, event: GeoCheckEvent): GeoCheckState {
  if (event.type === 'GeoCheckCompleted') return { status: 'completed' };
  return state.status === 'completed' ? state : { status: 'failed' };
}

function decide(command: GeoCheckCommand, { status }: GeoCheckState): readonly GeoCheckEvent[] {
  if (status === 'completed') return [];
  const { type, now, ...data } = command;
  const at = now.toISOString();
  if (type === 'RecordVerdict') return [{ type: 'GeoCheckCompleted', data: { ...(data as CompletedData), at } }];
  if (status === 'failed') return [];
  const { loginId, userId } = data;
  return [{ type: 'GeoCheckFailed', data: { loginId, userId, reason: 'provider-down', at } }];
}

export const geoCheck: Decider<GeoCheckState, GeoCheckCommand, GeoCheckEvent> = { initialState, evolve, decide };
