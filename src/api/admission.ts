import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Requests under way besides session checks and probes. */
const mostAtOnce = 250;
/** Session checks cost least and stop everybody else's work when they fail, so they are the last to go. */
const mostSessionChecks = 2000;
/** While the event loop is late, so many are under way at most: what is begun is finished, and soon. */
const mostWhileLate = 64;
const lateMs = 500;
const lookEveryMs = 50;

const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

export const isProbe = ({ url = '' }: IncomingMessage): boolean => probes.has(url);

export interface AdmissionDependencies {
  /** How late the event loop is, in milliseconds. */
  readonly lateness: () => number;
  /** Somebody is told to come back. */
  readonly refused: () => void;
}

interface Options extends AdmissionDependencies {
  /** One of the two requests that other services make for each of theirs. */
  readonly isSessionCheck: (request: IncomingMessage) => boolean;
  readonly refuse: RequestListener;
}

/**
 * More than the process can do is refused at once, before anything is parsed: it then does as much as before, instead
 * of beginning everything and finishing nothing in time.
 */
export function admission(
  { isSessionCheck, refuse, lateness, refused }: Options,
  listener: RequestListener,
): RequestListener {
  const underWay = { checks: 0, others: 0 };

  function admit(kind: keyof typeof underWay, request: IncomingMessage, response: ServerResponse): void {
    underWay[kind] += 1;
    response.once('close', () => {
      underWay[kind] -= 1;
    });
    listener(request, response);
  }

  const isFull = (kind: keyof typeof underWay): boolean => {
    if (kind === 'checks') return underWay.checks >= mostSessionChecks;
    return underWay.others >= (lateness() > lateMs ? mostWhileLate : mostAtOnce);
  };

  return (request, response) => {
    if (isProbe(request)) {
      listener(request, response);
      return;
    }
    const kind = isSessionCheck(request) ? 'checks' : 'others';
    if (!isFull(kind)) {
      admit(kind, request, response);
      return;
    }
    refused();
    refuse(request, response);
  };
}

/** Milliseconds by which a timer comes late, the newest looks counting most. */
export function eventLoopLateness(): () => number {
  let late = 0;
  let expected = performance.now() + lookEveryMs;
  setInterval(() => {
    const now = performance.now();
    late = 0.7 * late + 0.3 * Math.max(0, now - expected);
    expected = now + lookEveryMs;
  }, lookEveryMs).unref();
  return () => late;
}
