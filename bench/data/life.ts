import { createHash } from 'node:crypto';
import type { Context, NewEvent } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { idsFrom, mark, numbersFrom } from './random.ts';

/** Events that go into one stream in one append, which is the stream's first. */
export interface Chapter {
  readonly stream: string;
  readonly events: readonly NewEvent[];
}

interface Life {
  readonly userId: string;
  readonly chapters: readonly Chapter[];
}

const startMs = Date.parse('2025-01-01T00:00:00Z');
const beforeLogins = 9;
const eventsOfLogin = 7;
const usualLogins = 6;
const secondMs = 1000;
/** From one person to the next: a million events take eleven months, in the order of the log. */
const betweenMs = 1500 * secondMs;
const dayMs = 86_400 * secondMs;

/** Registration, team and device, then the logins: 51 events where nothing else is said. */
export const eventsOfLife = eventsWith(usualLogins);

function eventsWith(logins: number): number {
  return beforeLogins + logins * eventsOfLogin;
}

interface Ids {
  readonly userId: string;
  readonly teamId: string;
  readonly roleId: string;
  readonly deviceId: string;
  readonly emailHash: string;
}

/** What one person does, from the registration through some logins: the same for the same seed and number. */
export function lifeOf(seed: number, number: number, logins = usualLogins): Life {
  const numbers = numbersFrom(seed * 1_000_003 + number);
  const newId = idsFrom(numbers, startMs + number * betweenMs);
  let now = startMs + number * betweenMs + (numbers() % 1000) * secondMs;
  const at = () => new Date((now += secondMs)).toISOString();
  const hash = createHash('sha256').update(`person ${seed} ${number}`).digest('hex');
  const emailHash = hash.slice(0, -mark.length) + mark;
  const ids: Ids = { userId: newId(), teamId: newId(), roleId: newId(), deviceId: newId(), emailHash };
  // People mostly come from one place.
  const ip = `198.51.100.${numbers() % 250}`;
  const context = (): Context => {
    const id = newId();
    return {
      actor: { kind: 'user', userId: ids.userId },
      requestId: id,
      correlationId: id,
      causationId: id,
      client: { ip, userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', place: null },
    };
  };
  const chapter = (stream: string, events: readonly DomainEvent[]): Chapter => ({
    stream,
    events: events.map((event) => ({ id: newId(), event, context: context() })),
  });
  const sessions: DomainEvent[] = [];
  const attempts = Array.from({ length: logins }, () => {
    const loginId = newId();
    const sessionId = newId();
    sessions.push(...sessionOf(ids, { loginId, sessionId, at }));
    return chapter(streams.login(loginId), loginOf(ids, { loginId, sessionId, at }));
  });
  const chapters = [
    chapter(streams.emailAddress(emailHash), addressOf(ids, at)),
    chapter(streams.user(ids.userId), registrationOf(ids, { number, newId, at })),
    chapter(streams.team(ids.teamId), teamOf(ids, at)),
    chapter(streams.devices(ids.userId), [approvalOf(ids, at)]),
    ...attempts,
    ...(sessions.length === 0 ? [] : [chapter(streams.sessions(ids.userId), sessions)]),
  ];
  return { userId: ids.userId, chapters };
}

type At = () => string;

const addressOf = ({ emailHash, userId }: Ids, at: At): DomainEvent[] => [
  { type: 'EmailAddressReserved', data: { emailHash, userId, at: at() } },
];

interface Registering {
  readonly number: number;
  readonly newId: () => string;
  readonly at: At;
}

function registrationOf(ids: Ids, { number, newId, at }: Registering): DomainEvent[] {
  const { userId, teamId, deviceId, emailHash } = ids;
  const verificationId = newId();
  const person = { email: `person.${number}@example.com`, name: `Person ${number}`, teamName: `Team ${number}` };
  const submitted = { userId, emailHash, ...person, teamId, credentialId: newId(), deviceId, at: at() };
  const registeredAt = at();
  const verificationExpiresAt = new Date(Date.parse(registeredAt) + dayMs).toISOString();
  return [
    { type: 'RegistrationSubmitted', data: submitted },
    { type: 'UserRegistered', data: { userId, verificationId, verificationExpiresAt, at: registeredAt } },
    { type: 'EmailVerified', data: { userId, verificationId, teamId, trustedDeviceId: deviceId, at: at() } },
  ];
}

function teamOf({ teamId, userId, roleId }: Ids, at: At): DomainEvent[] {
  const time = at();
  return [
    { type: 'TeamCreated', data: { teamId, name: 'Bridge Works', createdBy: userId, at: time } },
    { type: 'RoleAdded', data: { teamId, roleId, name: 'Owner', kind: 'owner', grants: ['*'], at: time } },
    { type: 'MemberAdded', data: { teamId, userId, roleId, at: time } },
    { type: 'SessionPolicyChanged', data: { teamId, idleTimeoutSeconds: 1800, at: at() } },
  ];
}

const approvalOf = ({ userId, deviceId }: Ids, at: At): DomainEvent => {
  const time = at();
  const trustedUntil = new Date(Date.parse(time) + 30 * dayMs).toISOString();
  const trust = { method: 'registration', loginId: null, trustedUntil } as const;
  return { type: 'DeviceApproved', data: { userId, deviceId, ...trust, at: time } };
};

interface Login {
  readonly loginId: string;
  readonly sessionId: string;
  readonly at: At;
}

const transport = 'bearer' as const;

function loginOf({ userId, deviceId, teamId, roleId }: Ids, { loginId, sessionId, at }: Login): DomainEvent[] {
  const time = at();
  const expiresAt = new Date(Date.parse(time) + 600 * secondMs).toISOString();
  const started = { loginId, userId, deviceId, deviceTrusted: true, remember: false, transport, expiresAt, at: time };
  const completed = { loginId, userId, deviceId, teamId, roleId, sessionId, remember: false, transport, at: at() };
  return [
    { type: 'LoginStarted', data: started },
    { type: 'LoginClearedWithoutGeo', data: { loginId, userId, reason: 'not-configured', at: at() } },
    { type: 'LoginCompleted', data: completed },
  ];
}

function sessionOf({ userId, deviceId, teamId, roleId }: Ids, { loginId, sessionId, at }: Login): DomainEvent[] {
  const time = at();
  const expiresAt = new Date(Date.parse(time) + dayMs).toISOString();
  const of = { sessionId, userId, teamId };
  const started = { ...of, roleId, deviceId, loginId, remember: false, transport, idleTimeoutSeconds: 1800, expiresAt };
  return [
    { type: 'SessionStarted', data: { ...started, at: time } },
    { type: 'SessionRefreshed', data: { ...of, generation: 1, at: at() } },
    { type: 'SessionRefreshed', data: { ...of, generation: 2, at: at() } },
    { type: 'SessionRevoked', data: { ...of, reason: 'logged-out', at: at() } },
  ];
}
