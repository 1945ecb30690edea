import type { Decider } from '../decider.ts';
import type { RetentionSet, TechnicalCategory } from './events.ts';

export interface RetentionState {
  /** `null`: for ever. */
  readonly days: number | null;
}

interface SetRetention {
  type: 'SetRetention';
  category: TechnicalCategory;
  days: number | null;
  now: Date;
}

const initialState: RetentionState = { days: null };

const evolve = (_state: RetentionState, { data }: RetentionSet): RetentionState => ({ days: data.days });

function decide({ category, days, now }: SetRetention, state: RetentionState): readonly RetentionSet[] {
  if (days === state.days) return [];
  return [{ type: 'RetentionSet', data: { category, days, at: now.toISOString() } }];
}

export const retention: Decider<RetentionState, SetRetention, RetentionSet> = { initialState, evolve, decide };
