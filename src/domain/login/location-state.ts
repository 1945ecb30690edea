import type { LoginEvent } from './events.ts';

/** How a login stands with the place that it comes from, beside all its other steps. */
export type LocationState =
  | { readonly check: 'pending' }
  | { readonly check: 'cleared'; readonly byGeo: boolean }
  | Flag
  | (Omit<Flag, 'check' | 'passedByCode'> & { readonly check: 'approved' });

interface Flag {
  readonly check: 'flagged';
  readonly decisionId: string;
  /** Until then the owner can decide. */
  readonly expiresAt: string;
  /** Codes that were sent after the flag: who has one of them has read the mailbox after it. */
  readonly codesAfter: readonly string[];
  /** One of those was right, so the login goes on undecided. */
  readonly passedByCode: boolean;
}

export const initialLocation: LocationState = { check: 'pending' };

/** Events about nothing but the place. */
const locationEvents = ['LoginClearedByGeo', 'LoginClearedWithoutGeo', 'LoginFlagged', 'LoginApprovedByUser'] as const;
export type LocationEvent = Extract<LoginEvent, { type: (typeof locationEvents)[number] }>;

export function isLocationEvent(event: LoginEvent): event is LocationEvent {
  return (locationEvents as readonly string[]).includes(event.type);
}

export function relocate(location: LocationState, event: LoginEvent): LocationState {
  if (isLocationEvent(event)) return judged(location, event);
  if (location.check !== 'flagged') return location;
  if (event.type === 'DeviceCodeRequested') {
    return { ...location, codesAfter: [...location.codesAfter, event.data.codeId] };
  }
  const isProof = event.type === 'LoginDeviceApproved' && location.codesAfter.includes(event.data.codeId);
  return isProof ? { ...location, passedByCode: true } : location;
}

function judged(location: LocationState, event: LocationEvent): LocationState {
  if (event.type === 'LoginApprovedByUser') return location.check === 'flagged' ? approved(location) : location;
  if (!isOpen(location)) return location;
  if (event.type !== 'LoginFlagged') return { check: 'cleared', byGeo: event.type === 'LoginClearedByGeo' };
  const { decisionId, expiresAt } = event.data;
  return { check: 'flagged', decisionId, expiresAt, codesAfter: [], passedByCode: false };
}

function approved({ decisionId, expiresAt, codesAfter }: Flag): LocationState {
  return { check: 'approved', decisionId, expiresAt, codesAfter };
}

/** No verdict yet: a login that went on without one may still be flagged. */
export function isOpen(location: LocationState): boolean {
  return location.check === 'pending' || (location.check === 'cleared' && !location.byGeo);
}

/** Whether nothing goes on before the owner has decided. */
export function isLocationApprovalDue(location: LocationState): boolean {
  return location.check === 'flagged' && !location.passedByCode;
}
