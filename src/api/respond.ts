import type { Context } from '../application/ports.ts';
import { DomainError } from '../domain/errors.ts';
import { answerOf, problemAnswer, type Answer } from './answer.ts';
import { authenticator, type Caller } from './authentication.ts';
import type { ApiDependencies } from './dependencies.ts';
import { deviceTokenHandedOut, deviceTokenIn } from './device-token.ts';
import type { Accepted, Endpoint, RawInput } from './endpoint.ts';
import { idempotently } from './idempotent.ts';
import { describeProblem } from './problem-details.ts';
import { readAfter } from './read-after.ts';
import type { RequestFacts } from './request-facts.ts';

export interface Incoming extends RawInput {
  readonly facts: RequestFacts;
}

/** From request to answer without a server: whoever calls first, what is asked next, and only then what it does. */
export type Respond = (endpoint: Endpoint, incoming: Incoming) => Promise<Answer>;

export function responder(deps: ApiDependencies): Respond {
  const authenticate = authenticator(deps);
  const caughtUp = readAfter(deps);
  const once = idempotently(deps);

  return async (endpoint, incoming) => {
    const { facts } = incoming;
    let caller: Caller;
    try {
      caller = await authenticate(endpoint, facts);
      if (endpoint.method === 'get' && endpoint.auth !== 'none') await caughtUp(facts);
      const accepted = endpoint.accept(incoming);
      const run = () => carryOut(endpoint, accepted, facts, caller);
      const answer = endpoint.method === 'post' ? await once({ endpoint, facts, caller, accepted }, run) : await run();
      return { ...answer, ...known(caller) };
    } catch (error) {
      return { ...problemAnswer(describeProblem(error, facts.requestId), endpoint.rendering), ...known(caller) };
    }
  };

  async function carryOut(
    endpoint: Endpoint,
    accepted: Accepted,
    facts: RequestFacts,
    caller: Caller,
  ): Promise<Answer> {
    const { device, success, rendering } = endpoint;
    const carried = device === 'none' ? undefined : deviceTokenIn(facts);
    const issued = device === 'issue' && carried === undefined ? deps.tokens.newDeviceToken() : undefined;
    const given = { caller, deviceToken: carried ?? issued, context: contextOf(facts, caller), request: facts };
    let answer: Answer;
    try {
      if (endpoint.mailsStrangers) await admitted(facts);
      answer = answerOf(await accepted.run(given), success.status, rendering);
    } catch (error) {
      answer = problemAnswer(describeProblem(error, facts.requestId), rendering);
    }
    if (issued === undefined) return answer;
    // A failed attempt hands the token out too: the next one then comes from a device that was seen before.
    const { headers, cookies } = deviceTokenHandedOut(issued);
    return { ...answer, headers: { ...answer.headers, ...headers }, cookies: [...answer.cookies, ...cookies] };
  }

  /** An answer that is given again, and a request that was refused for its shape, do not count. */
  async function admitted({ ip }: RequestFacts): Promise<void> {
    const retryAfterSeconds = await deps.limits.mailsOfIp.take(ip ?? 'unknown');
    if (retryAfterSeconds > 0) throw new DomainError('too-many-attempts', { retryAfterSeconds });
  }
}

function contextOf({ requestId, correlationId, ip, userAgent }: RequestFacts, caller: Caller): Context {
  const common = { requestId, correlationId, causationId: requestId, client: { ip, userAgent, place: null } };
  if (caller === undefined || !('sessionId' in caller)) return { ...common, actor: { kind: 'anonymous' } };
  const { userId, sessionId, deviceId } = caller;
  return { ...common, actor: { kind: 'user', userId }, sessionId, deviceId };
}

const known = (caller: Caller): Pick<Answer, 'caller'> =>
  caller !== undefined && 'sessionId' in caller
    ? { caller: { userId: caller.userId, sessionId: caller.sessionId } }
    : {};
