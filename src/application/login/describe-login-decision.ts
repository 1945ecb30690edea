import { DomainError } from '../../domain/errors.ts';
import type { EventOf, EventType } from '../../domain/events.ts';
import type { LoginRiskSignal } from '../../domain/geo-check/events.ts';
import { login } from '../../domain/login/decide.ts';
import { refuseUnlessDecidable } from '../../domain/login/decide-location.ts';
import type { LoginEvent } from '../../domain/login/events.ts';
import { placeName } from '../places/place-name.ts';
import type { Client, Clock, EventStore, PersonalData, Recorded, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

/** What, where and when, for the owner to recognise. Unknown is `null`. */
export interface LoginToDecide {
  readonly device: string | null;
  readonly place: string | null;
  readonly ip: string | null;
  readonly at: string;
  readonly signals: readonly LoginRiskSignal[];
  readonly expiresAt: string;
}

interface Dependencies {
  readonly eventStore: EventStore;
  readonly personalData: PersonalData;
  readonly tokens: Tokens;
  readonly deviceName: (userAgent: string) => string | null;
  readonly clock: Clock;
}

export type DescribeLoginDecision = (request: { token: string }) => Promise<LoginToDecide>;

/** Uses nothing up. Throws `login-decision-invalid`, `login-decision-used` or `login-decision-expired`. */
export function describeLoginDecision(deps: Dependencies): DescribeLoginDecision {
  return async ({ token }) => {
    const { eventStore, personalData, tokens, deviceName, clock } = deps;
    const [loginId, decisionId] = tokens.read('login-decision', token)?.ids ?? [];
    if (loginId === undefined || decisionId === undefined) throw new DomainError('login-decision-invalid');
    const { events } = await eventStore.readStream(streams.login(loginId));
    const state = events.map(({ event }) => event as LoginEvent).reduce(login.evolve, login.initialState);
    refuseUnlessDecidable(state, decisionId, clock());
    const started = await personalData.open(only(events, 'LoginStarted'));
    const flagged = (await personalData.open(only(events, 'LoginFlagged'))).event.data;
    return {
      ...clientFacts(started.context.client, deviceName),
      place: flagged.inputs?.place ? placeName(flagged.inputs.place, 'en') : null,
      at: started.event.data.at,
      signals: flagged.signals,
      expiresAt: flagged.expiresAt,
    };
  };
}

function clientFacts(client: Client | undefined, deviceName: Dependencies['deviceName']) {
  return { device: client?.userAgent ? deviceName(client.userAgent) : null, ip: client?.ip ?? null };
}

function only<Type extends EventType>(events: readonly Recorded[], type: Type): Recorded<EventOf<Type>> {
  const found = events.find(({ event }) => event.type === type);
  if (found === undefined) throw new Error(`a login that is to be decided has no ${type}`);
  return found as Recorded<EventOf<Type>>;
}
