import type { Decider } from '../decider.ts';
import type { AlertEvent, AlertLevel, AlertName } from './events.ts';

export interface AlertRule {
  /** Raised above these. */
  readonly warning: number;
  readonly critical: number;
  /** With fewer samples nothing is raised, and what is raised is cleared: one failure of two is no emergency. */
  readonly minimumSamples: number;
  /** A level is left only at this share of its threshold or below, so that a value that wavers does not ring twice. */
  readonly clearAt: number;
}

export interface Measurement {
  readonly value: number;
  readonly samples: number;
}

export type AlertState =
  { readonly status: 'clear' } | { readonly status: 'raised'; readonly level: AlertLevel; readonly since: string };

interface Evaluate {
  type: 'Evaluate';
  name: AlertName;
  measured: Measurement;
  rule: AlertRule;
  now: Date;
}

const initialState: AlertState = { status: 'clear' };

function evolve(state: AlertState, event: AlertEvent): AlertState {
  switch (event.type) {
    case 'AlertRaised': {
      const since = state.status === 'raised' ? state.since : event.data.at;
      return { status: 'raised', level: event.data.level, since };
    }
    case 'AlertCleared':
      return initialState;
  }
}

function decide({ name, measured, rule, now }: Evaluate, state: AlertState): readonly AlertEvent[] {
  const { value, samples } = measured;
  const at = now.toISOString();
  const current = state.status === 'raised' ? state.level : undefined;
  const level = levelFor(measured, rule, current);
  if (level === current) return [];
  if (level !== undefined) {
    return [{ type: 'AlertRaised', data: { name, level, value, threshold: rule[level], samples, at } }];
  }
  return state.status === 'raised' ? [{ type: 'AlertCleared', data: { name, value, raisedAt: state.since, at } }] : [];
}

function levelFor(
  { value, samples }: Measurement,
  { warning, critical, minimumSamples, clearAt }: AlertRule,
  current: AlertLevel | undefined,
): AlertLevel | undefined {
  if (samples < minimumSamples) return undefined;
  if (value > (current === 'critical' ? critical * clearAt : critical)) return 'critical';
  if (value > (current === undefined ? warning : warning * clearAt)) return 'warning';
  return undefined;
}

export const alert: Decider<AlertState, Evaluate, AlertEvent> = { initialState, evolve, decide, stateVersion: 1 };
