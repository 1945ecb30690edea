import { setTimeout as pause } from 'node:timers/promises';
import { isAcknowledged, isUndecided, type Attempt, type ChaosRecord, type Deed, type Expected } from './record.ts';

/** Where simulated people live, and how they pass their time. */
export interface World {
  readonly apiUrls: readonly string[];
  readonly mailboxUrl: string;
  readonly record: ChaosRecord;
  readonly newId: () => string;
  /** By `performance.now()`: then nobody begins anything new. */
  readonly endsAt: number;
}

export interface Identity {
  readonly ip: string;
  readonly random: () => number;
  deviceToken?: string | undefined;
}

export interface Wish {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly bearer?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Of the answer's body, once acknowledged. */
  readonly expects?: (body: Body) => readonly Expected[];
  readonly mayLeave?: readonly string[];
  readonly ends?: readonly string[];
}

export type Body = Readonly<Record<string, unknown>>;

/** The last answer; `undefined` where it was never to be had. */
export interface Outcome {
  readonly status: number;
  readonly problem: string | undefined;
  readonly body: Body;
  /** An earlier attempt may have worked. */
  readonly again: boolean;
}

const answerWithinMs = 4000;
const patienceMs = 60_000;

/** As a sensible client asks: again where no answer came or one that says that it may come later, of any process. */
export async function wish(world: World, who: Identity, what: Wish): Promise<Outcome | undefined> {
  const deed = deedFor(world, what);
  const giveUpAt = performance.now() + patienceMs;
  while (performance.now() < giveUpAt) {
    const { attempt, body } = await ask(world, who, what, deed.correlationId);
    deed.attempts.push(attempt);
    if (!isUndecided(attempt)) {
      if (isAcknowledged(attempt)) deed.expects = what.expects?.(body) ?? [];
      return { status: attempt.status ?? 0, problem: attempt.problem, body, again: deed.attempts.length > 1 };
    }
    await pause(50 + who.random() * 200);
  }
  const { status, problem } = deed.attempts.at(-1) ?? {};
  world.record.oddities.push(`${what.name}: after ${patienceMs} ms still ${String(status)} ${String(problem)}`);
  return undefined;
}

function deedFor({ record, newId }: World, { name, mayLeave = [], ends = [] }: Wish): Deed {
  const deed: Deed = {
    ...{ name, correlationId: newId(), attempts: [], expects: [], ends },
    mayLeave: [...mayLeave, 'AuditRead'],
  };
  record.deeds.push(deed);
  return deed;
}

/** Once, as a check: what comes counts, also nothing. */
export async function glance(world: World, who: Identity, what: Wish): Promise<Attempt> {
  const deed = deedFor(world, what);
  const { attempt } = await ask(world, who, what, deed.correlationId);
  deed.attempts.push(attempt);
  return attempt;
}

async function ask(world: World, who: Identity, what: Wish, correlationId: string) {
  const { method, path, bearer, sessionId } = what;
  const apiUrl = world.apiUrls[Math.floor(who.random() * world.apiUrls.length)] ?? '';
  const askedAt = performance.now();
  try {
    const response = await fetch(apiUrl + path, {
      method,
      headers: {
        'x-forwarded-for': who.ip,
        'x-correlation-id': correlationId,
        ...(what.body !== undefined && { 'content-type': 'application/json' }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(who.deviceToken !== undefined && { 'x-device-token': who.deviceToken }),
      },
      ...(what.body !== undefined && { body: JSON.stringify(what.body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const text = await response.text();
    const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Body;
    who.deviceToken ??= response.headers.get('x-device-token') ?? undefined;
    return { body, attempt: { askedAt, answeredAt: performance.now(), sessionId, ...told(response, body) } };
  } catch {
    const attempt: Attempt = { askedAt, answeredAt: performance.now(), status: null, sessionId };
    return { body: {}, attempt };
  }
}

const told = ({ status, headers }: Response, body: Body) => ({
  status,
  problem: typeof body['type'] === 'string' ? body['type'].replace('urn:problem:', '') : undefined,
  requestId: headers.get('x-request-id') ?? undefined,
  position: headers.get('event-position') ?? undefined,
});

interface Mail {
  readonly MessageID: string;
  readonly Tag: string;
  readonly TextBody: string;
  readonly Metadata: Readonly<Record<string, string>>;
}

/** The newest first; what is seen is recorded. None while the mailbox does not answer. */
export async function mailsOf({ mailboxUrl, record }: World, email?: string): Promise<readonly Mail[]> {
  const query = email === undefined ? '' : `?to=${encodeURIComponent(email)}`;
  try {
    const response = await fetch(`${mailboxUrl}/messages${query}`, { signal: AbortSignal.timeout(answerWithinMs) });
    const mails = (await response.json()) as Mail[];
    for (const { MessageID, Tag, Metadata } of mails) {
      record.mails.set(MessageID, { messageId: Metadata['messageId'] ?? MessageID, tag: Tag });
    }
    return mails;
  } catch {
    return [];
  }
}

/** Looks again until there is something; `undefined` where there never is. */
export async function awaited<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(100);
  }
  return undefined;
}
