import { DomainError } from '../errors.ts';
import type { LoginRiskInputs, LoginRiskSignal } from '../geo-check/events.ts';
import { hourMs, isPast, later } from '../time.ts';
import type { LoginEvent, WithoutGeoReason } from './events.ts';
import { isOpen } from './location-state.ts';
import type { LoginState } from './state.ts';

const decisionHours = 1;

export type LocationCommand =
  | { type: 'ClearByGeo'; ruleVersion: number; inputs: LoginRiskInputs | null; now: Date }
  /** Goes on without a verdict, if there is none. */
  | { type: 'ClearWithoutGeo'; reason: WithoutGeoReason; now: Date }
  | {
      type: 'FlagLogin';
      ruleVersion: number;
      signals: readonly LoginRiskSignal[];
      inputs: LoginRiskInputs | null;
      decisionId: string;
      now: Date;
    }
  /** What the owner answers; `decisionId` is that of the link. */
  | { type: 'DecideLogin'; decision: 'approve' | 'deny'; decisionId: string; now: Date };

type CommandOf<Type extends LocationCommand['type']> = Extract<LocationCommand, { type: Type }>;
type KnownLogin = Exclude<LoginState, { status: 'unknown' }>;

export function isLocationCommand(command: { readonly type: string }): command is LocationCommand {
  return ['ClearByGeo', 'ClearWithoutGeo', 'FlagLogin', 'DecideLogin'].includes(command.type);
}

export function decideLocation(command: LocationCommand, state: LoginState): readonly LoginEvent[] {
  if (state.status === 'unknown') {
    throw new DomainError(command.type === 'DecideLogin' ? 'login-decision-invalid' : 'login-not-found');
  }
  switch (command.type) {
    case 'ClearByGeo': {
      const { ruleVersion, inputs, now } = command;
      if (!isOpen(state.location)) return [];
      return [{ type: 'LoginClearedByGeo', data: { ...ofLogin(state), ruleVersion, inputs, at: now.toISOString() } }];
    }
    case 'ClearWithoutGeo':
      return state.location.check === 'pending' ? [clearedWithoutGeo(state, command.reason, command.now)] : [];
    case 'FlagLogin':
      return flag(command, state);
    case 'DecideLogin':
      return decideLogin(command, state);
  }
}

/** A denied login is over: there is nothing left to ask its owner about. */
function flag(command: CommandOf<'FlagLogin'>, state: KnownLogin): readonly LoginEvent[] {
  if (!isOpen(state.location) || state.status === 'denied') return [];
  const { ruleVersion, signals, inputs, decisionId, now } = command;
  const [expiresAt, at] = [later(now, decisionHours * hourMs), now.toISOString()];
  const data = { ...ofLogin(state), ruleVersion, signals, inputs, decisionId, expiresAt, at };
  return [{ type: 'LoginFlagged', data }];
}

function decideLogin(command: CommandOf<'DecideLogin'>, state: KnownLogin): readonly LoginEvent[] {
  const { decision, decisionId, now } = command;
  refuseUnlessDecidable(state, decisionId, now);
  const at = now.toISOString();
  return decision === 'approve'
    ? [{ type: 'LoginApprovedByUser', data: { ...ofLogin(state), decisionId, at } }]
    : [{ type: 'LoginDenied', data: { ...ofLogin(state), reason: 'denied-by-user', at } }];
}

/** Throws `login-decision-invalid`, `login-decision-used` or `login-decision-expired`. */
export function refuseUnlessDecidable(state: LoginState, decisionId: string, now: Date): void {
  if (state.status === 'unknown') throw new DomainError('login-decision-invalid');
  const { location } = state;
  if (location.check !== 'flagged' && location.check !== 'approved') throw new DomainError('login-decision-invalid');
  if (location.decisionId !== decisionId) throw new DomainError('login-decision-invalid');
  const isDenied = state.status === 'denied' && state.reason === 'denied-by-user';
  if (location.check === 'approved' || isDenied) throw new DomainError('login-decision-used');
  if (isPast(location.expiresAt, now)) throw new DomainError('login-decision-expired');
}

interface OfLogin {
  readonly loginId: string;
  readonly userId: string;
}

const ofLogin = ({ loginId, userId }: OfLogin): OfLogin => ({ loginId, userId });

export function clearedWithoutGeo(login: OfLogin, reason: WithoutGeoReason, now: Date): LoginEvent {
  return { type: 'LoginClearedWithoutGeo', data: { ...ofLogin(login), reason, at: now.toISOString() } };
}
