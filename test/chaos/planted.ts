import type { FindingKind } from './checker.ts';
import { isAcknowledged, isRefused, type ChaosRecord, type Deed, type RawEvent, type RecordedMail } from './record.ts';

export interface Planted {
  readonly what: string;
  readonly kind: FindingKind;
  readonly events: readonly RawEvent[];
  readonly record: ChaosRecord;
}

/** The same run with one thing wrong in each: what the checker must find there, and nothing else has changed. */
export function planted(events: readonly RawEvent[], record: ChaosRecord): Planted[] {
  const inLog = (what: string, kind: FindingKind, changed: readonly RawEvent[]): Planted => ({
    ...{ what, kind, record },
    events: changed,
  });
  const inRecord = (what: string, kind: FindingKind, changed: Partial<ChaosRecord>): Planted => ({
    ...{ what, kind, events },
    record: { ...record, ...changed },
  });
  const again = anotherTime(some(events, isOfType('UserRegistered')));
  const started = some(events.toReversed(), isOfType('SessionStarted'));
  const trace = traceOf(some(events, isOfType('RoleAdded')), record);
  const mailAgain: [string, RecordedMail] = ['again', some([...record.mails.values()])];
  return [
    inLog('an event twice', 'event doubled', [...events, ...events.slice(-1)]),
    inLog('a fact twice, under another id', 'event doubled', [...events, again]),
    inLog('a login that nobody knows of', 'acknowledged command lost', without(events, promised(events, record))),
    inLog('a position with nothing at it', 'acknowledged command lost', without(events, acknowledged(events, record))),
    inLog('a session that was not ended', 'two active sessions', without(events, superseded(events))),
    inLog('a second session', 'two active sessions', [...events, rival(started)]),
    inLog('an event of a refused request', 'refused command left a trace', [...events, trace]),
    inLog('an end that is not recorded', 'session ended without an event', without(events, endIn(events, record))),
    inRecord('an answer after the end', 'ended session answered', {
      deeds: [...record.deeds, answerAfterTheEnd(record)],
    }),
    inRecord('a mail twice', 'mail doubled', { mails: new Map([...record.mails, mailAgain]) }),
    inRecord('a mail that never came', 'mail and log differ', { mails: new Map([...record.mails].slice(1)) }),
  ];
}

const superseded = (events: readonly RawEvent[]) => some(events, isOfType('SessionSuperseded'));

function some<T>(things: readonly T[], is: (thing: T) => boolean = () => true): T {
  const found = things.find(is);
  if (found === undefined) throw new Error('The run was too short: nothing to plant a fault into.');
  return found;
}

const isOfType =
  (...types: readonly string[]) =>
  (event: RawEvent) =>
    types.includes(event.type);

const without = (events: readonly RawEvent[], gone: RawEvent) => events.filter((event) => event !== gone);

/** Appended once more under another id, as by a retry that did not know of the first. */
const anotherTime = (event: RawEvent): RawEvent => ({
  ...event,
  id: `${event.id}-again`,
  revision: event.revision + 1000n,
  position: event.position + 1n,
  metadata: { ...event.metadata, $causationId: 'a retry' },
});

const rival = (event: RawEvent): RawEvent => ({
  ...anotherTime(event),
  data: { ...event.data, sessionId: 'rival', loginId: 'rival' },
});

function promised(events: readonly RawEvent[], { deeds }: ChaosRecord): RawEvent {
  const deed = some(deeds, ({ name, attempts }) => name === 'start login' && attempts.some(isAcknowledged));
  const { data } = some(deed.expects);
  return some(events, (event) => event.type === 'LoginStarted' && event.data['loginId'] === data['loginId']);
}

function acknowledged(events: readonly RawEvent[], { deeds }: ChaosRecord): RawEvent {
  const positions = new Set(
    deeds.flatMap(({ attempts }) => attempts.filter(isAcknowledged)).map((one) => one.position),
  );
  return some(events, ({ position }) => positions.has(position.toString()));
}

function traceOf(event: RawEvent, { deeds }: ChaosRecord): RawEvent {
  const { attempts, correlationId } = some(deeds, (deed) => deed.attempts.some(isRefused));
  const { requestId } = some(attempts, isRefused);
  return { ...anotherTime(event), metadata: { ...event.metadata, requestId, $correlationId: correlationId } };
}

function endedSession({ deeds }: ChaosRecord): Deed {
  return some(deeds, ({ ends, attempts }) => ends.length > 0 && attempts.some(isAcknowledged));
}

const endings = isOfType('SessionRevoked', 'SessionSuperseded', 'SessionExpired');

const endIn = (events: readonly RawEvent[], record: ChaosRecord) =>
  some(events, (event) => endings(event) && endedSession(record).ends.includes(String(event.data['sessionId'])));

/** As by a process that has not heard of it. */
function answerAfterTheEnd(record: ChaosRecord): Deed {
  const ended = endedSession(record);
  const at = some(ended.attempts, isAcknowledged).answeredAt + 10;
  const attempt = { askedAt: at, answeredAt: at + 1, status: 200, sessionId: some(ended.ends) };
  const about = { name: 'look (session)', correlationId: 'planted', expects: [], mayLeave: [], ends: [] };
  return { ...about, attempts: [attempt] };
}
