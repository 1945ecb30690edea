import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { adaptiveLimit } from './adaptive-limit.ts';
import type { OnLoopLoad } from './loop-load.ts';
import type { ObservedRequest } from './observed-request.ts';
import { waitingLine } from './waiting-line.ts';

/** Each kind has room of its own, so that none takes that of another. */
export type RequestKind =
  /** The two that other services make for each of theirs: they cost least, and stop everybody's work when they fail. */
  | 'check'
  /** What has to hash a password waits for the processor, for as long as the queue of hashes is. */
  | 'password'
  | 'other';

const mostChecks = 2000;
/** More than the queue of hashes takes, which refuses by itself. */
const besidesHashes = 32;

const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

export const isProbe = ({ url = '' }: IncomingMessage): boolean => probes.has(url);

export interface AdmissionDependencies {
  readonly onLoopLoad: OnLoopLoad;
  /** So many were told to come back since the last time. */
  readonly refused: (request: ObservedRequest, times: number) => void;
  /** How many hashes may wait. */
  readonly hashQueue: number;
}

interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Options extends Omit<AdmissionDependencies, 'refused'> {
  readonly kindOf: (request: IncomingMessage) => RequestKind;
  readonly refuse: RequestListener;
}

/**
 * More than the process can do is refused before anything is parsed: it then does as much as before, instead of beginning
 * everything and finishing nothing in time.
 */
export function admission(
  { kindOf, refuse, onLoopLoad, hashQueue }: Options,
  listener: RequestListener,
): RequestListener {
  const rooms: Record<RequestKind, RequestListener> = {
    check: roomFor(mostChecks, listener, refuse),
    password: roomFor(hashQueue + besidesHashes, listener, refuse),
    other: adaptiveRoom(onLoopLoad, listener, refuse),
  };
  return (request, response) => {
    const serve = isProbe(request) ? listener : rooms[kindOf(request)];
    serve(request, response);
  };
}

function roomFor(most: number, listener: RequestListener, refuse: RequestListener): RequestListener {
  let underWay = 0;
  return (request, response) => {
    if (underWay >= most) {
      refuse(request, response);
      return;
    }
    underWay += 1;
    response.on('close', () => (underWay -= 1));
    listener(request, response);
  };
}

/**
 * As many as are under way may wait for a moment, so that those who come in a crowd are not sent away from a process that
 * has nothing to do right after.
 */
function adaptiveRoom(onLoopLoad: OnLoopLoad, listener: RequestListener, refuse: RequestListener): RequestListener {
  const limit = adaptiveLimit();
  const line = waitingLine<Waiting>(({ response }) => !response.closed);
  let [underWay, busiest] = [0, 0];
  onLoopLoad((load) => {
    limit.adapt(load, busiest);
    busiest = underWay;
    letIn();
    for (const { request, response } of line.look()) refuse(request, response);
  });

  function letIn(): void {
    while (underWay < limit.now()) {
      const waiting = line.next();
      if (waiting === undefined) return;
      admit(waiting);
    }
  }

  function admit({ request, response }: Waiting): void {
    underWay += 1;
    busiest = Math.max(busiest, underWay);
    const begunAt = performance.now();
    response.on('close', () => {
      underWay -= 1;
      limit.answered(performance.now() - begunAt);
      letIn();
    });
    listener(request, response);
  }

  return (request, response) => {
    if (underWay < limit.now()) admit({ request, response });
    else if (line.length() < limit.now()) line.join({ request, response });
    else refuse(request, response);
  };
}
