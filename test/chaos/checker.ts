import { isAcknowledged, isRefused, type ChaosRecord, type Deed, type RawEvent } from './record.ts';

export type FindingKind =
  | 'acknowledged command lost'
  | 'event doubled'
  | 'mail doubled'
  | 'mail and log differ'
  | 'two active sessions'
  | 'refused command left a trace'
  | 'ended session answered'
  | 'session ended without an event'
  | 'odd answer';

export interface Finding {
  readonly kind: FindingKind;
  readonly about: string;
}

/** All that the log and the record of the answers contradict each other in; knows nothing of the service's code. */
export function findings(events: readonly RawEvent[], record: ChaosRecord): Finding[] {
  return [
    ...named('acknowledged command lost', lost(events, record)),
    ...named('event doubled', doubled(events)),
    ...named('mail doubled', repeated([...record.mails.values()].map(({ messageId }) => messageId))),
    ...named('mail and log differ', mailsApart(events, record)),
    ...named('two active sessions', rivals(events)),
    ...named('refused command left a trace', traces(events, record)),
    ...named('ended session answered', answersOfEnded(record)),
    ...named('session ended without an event', endedForNothing(events, record)),
    ...named('odd answer', record.oddities),
  ];
}

const named = (kind: FindingKind, abouts: readonly string[]): Finding[] => abouts.map((about) => ({ kind, about }));

const matches = (data: RawEvent['data'], wanted: RawEvent['data']) =>
  Object.entries(wanted).every(([name, value]) => data[name] === value);

function lost(events: readonly RawEvent[], { deeds }: ChaosRecord): string[] {
  const positions = new Set(events.map(({ position }) => position.toString()));
  return deeds.flatMap((deed) => {
    const acknowledged = deed.attempts.filter(isAcknowledged);
    if (acknowledged.length === 0) return [];
    const nowhere = acknowledged
      .filter(({ position }) => position !== undefined && !positions.has(position))
      .map(({ position }) => `${nameOf(deed)}: nothing at its position ${String(position)}`);
    const missing = deed.expects
      .filter((expected) => !isThere(events, deed, expected))
      .map(({ types, data }) => `${nameOf(deed)}: no ${types.join(' or ')} ${JSON.stringify(data)}`);
    return [...nowhere, ...missing];
  });
}

const isThere = (events: readonly RawEvent[], deed: Deed, { types, data, own }: Deed['expects'][number]) =>
  events.some(
    (event) =>
      types.includes(event.type) &&
      matches(event.data, data) &&
      (!own || event.metadata['$correlationId'] === deed.correlationId),
  );

const nameOf = ({ name, correlationId }: Deed) => `${name} ${correlationId}`;

/** What no two events of a type may have in common. */
const once: Readonly<Record<string, readonly string[]>> = {
  RegistrationSubmitted: ['userId'],
  UserRegistered: ['userId'],
  RegistrationRefused: ['userId'],
  EmailVerified: ['userId'],
  EmailAddressConfirmed: ['userId'],
  TeamCreated: ['teamId'],
  RoleAdded: ['teamId', 'roleId'],
  RoleRetired: ['teamId', 'roleId'],
  InvitationIssued: ['tokenId'],
  InvitationRevoked: ['tokenId'],
  InvitationAccepted: ['tokenId'],
  DeviceApproved: ['userId', 'deviceId'],
  LoginStarted: ['loginId'],
  LoginDeviceApproved: ['loginId'],
  LoginCompleted: ['loginId'],
  SessionStarted: ['loginId'],
  SessionRefreshed: ['sessionId', 'generation'],
  SessionSuperseded: ['sessionId'],
  SessionRevoked: ['sessionId'],
  SessionExpired: ['sessionId'],
  EmailSendStarted: ['messageId', 'attempt'],
  EmailSent: ['messageId'],
};

function doubled(events: readonly RawEvent[]): string[] {
  const facts = events.flatMap(({ type, data }) => {
    const keys = once[type];
    return keys === undefined ? [] : [`${type} ${keys.map((key) => String(data[key])).join(' ')}`];
  });
  return [
    ...repeated(events.map(({ id }) => `event id ${id}`)),
    ...repeated(events.map(({ stream, revision }) => `revision ${revision} of ${stream}`)),
    ...repeated(events.map(sameCause)),
    ...repeated(facts),
  ];
}

/** One cause makes the same thing happen once in a stream. */
function sameCause({ type, stream, data, metadata }: RawEvent): string {
  const rest = Object.entries(data).filter(([name]) => name !== 'at' && name !== '$sealed');
  return `${type} in ${stream} by ${String(metadata['$causationId'])} ${JSON.stringify(rest)}`;
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}

function mailsApart(events: readonly RawEvent[], { mails }: ChaosRecord): string[] {
  const arrived = new Set([...mails.values()].map(({ messageId }) => messageId));
  const sent = new Set(events.filter(({ type }) => type === 'EmailSent').map(({ data }) => String(data['messageId'])));
  return [
    ...[...arrived].filter((id) => !sent.has(id)).map((id) => `mail ${id} arrived and is not in the log`),
    ...[...sent].filter((id) => !arrived.has(id)).map((id) => `mail ${id} is in the log and never arrived`),
  ];
}

const endings = new Set(['SessionSuperseded', 'SessionRevoked', 'SessionExpired']);

function rivals(events: readonly RawEvent[]): string[] {
  const active = new Map<string, Set<unknown>>();
  return events.flatMap(({ type, stream, position, data }) => {
    if (!stream.startsWith('sessions-')) return [];
    const running = active.get(stream) ?? new Set();
    active.set(stream, running);
    if (endings.has(type)) running.delete(data['sessionId']);
    if (type !== 'SessionStarted') return [];
    running.add(data['sessionId']);
    return running.size > 1 ? [`${running.size} in ${stream} at ${position}`] : [];
  });
}

function traces(events: readonly RawEvent[], { deeds }: ChaosRecord): string[] {
  const byRequest = grouped(events, 'requestId');
  const byDeed = grouped(events, '$correlationId');
  return deeds.flatMap((deed) => {
    const refused = deed.attempts.filter(isRefused);
    // Where every attempt was refused, what came later and by the way must not be there either.
    const left =
      refused.length === deed.attempts.length
        ? (byDeed.get(deed.correlationId) ?? [])
        : refused.flatMap(({ requestId }) => byRequest.get(requestId) ?? []);
    return left
      .filter(({ type }) => !deed.mayLeave.includes(type))
      .map(({ type, stream }) => `${nameOf(deed)} (${refused.at(-1)?.problem ?? ''}): ${type} in ${stream}`);
  });
}

function grouped(events: readonly RawEvent[], name: string): Map<unknown, RawEvent[]> {
  const groups = new Map<unknown, RawEvent[]>();
  for (const event of events) {
    const key = event.metadata[name];
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return groups;
}

const saysEnded = new Set(['session-revoked', 'session-superseded', 'refresh-token-reused']);

/** When somebody first knew for certain that a session was over. */
function knownEnds({ deeds }: ChaosRecord): Map<string, number> {
  const ends = new Map<string, number>();
  const note = (sessionId: string, at: number) => ends.set(sessionId, Math.min(at, ends.get(sessionId) ?? Infinity));
  for (const { attempts, ends: sessionIds } of deeds) {
    for (const attempt of attempts) {
      if (isAcknowledged(attempt)) for (const id of sessionIds) note(id, attempt.answeredAt);
      if (attempt.sessionId !== undefined && saysEnded.has(attempt.problem ?? '')) {
        note(attempt.sessionId, attempt.answeredAt);
      }
    }
  }
  return ends;
}

function answersOfEnded(record: ChaosRecord): string[] {
  const ends = knownEnds(record);
  return record.deeds.flatMap((deed) =>
    deed.attempts.flatMap((attempt) => {
      const { sessionId, status, askedAt } = attempt;
      const end = sessionId === undefined ? undefined : ends.get(sessionId);
      if (end === undefined || askedAt <= end || !isAcknowledged(attempt)) return [];
      return [
        `${nameOf(deed)}: ${String(status)} for ${String(sessionId)}, ${Math.round(askedAt - end)} ms after its end`,
      ];
    }),
  );
}

function endedForNothing(events: readonly RawEvent[], record: ChaosRecord): string[] {
  const over = new Set(events.filter(({ type }) => endings.has(type)).map(({ data }) => data['sessionId']));
  return [...knownEnds(record).keys()].filter((sessionId) => !over.has(sessionId));
}
