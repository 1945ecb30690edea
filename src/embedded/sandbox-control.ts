import type { Response, Router } from 'express';
import express from 'express';
import { STATUS_CODES } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const control = z.strictObject({
  mode: z.enum(['ok', 'fail', 'hang', 'garbage', 'slow']),
  /** `before` the work is done, or `after` it: the work is done and only its answer is lost. */
  when: z.enum(['before', 'after']).default('before'),
  /** Only for `slow`; milliseconds. */
  delayMs: z.int().min(0).max(600_000).default(2_000),
  /** Only for `fail`: the HTTP status, and the sandboxed service's own error code. */
  status: z.int().min(400).max(599).default(500),
  errorCode: z.int().optional(),
});

export type SandboxMode = z.infer<typeof control>;

export interface SandboxControl {
  /** `GET` and `PUT /__control`. */
  router: Router;
  /**
   * Plays the current mode. True when the answer has been taken over (or will never come), and the caller must say nothing;
   * call it once before the work and once after it.
   */
  takesOver: (when: SandboxMode['when'], response: Response) => Promise<boolean>;
}

/** The switch that makes a sandboxed service fail, shared by all sandboxes. `failure` writes an error as that service does. */
export function sandboxControl(failure: (mode: SandboxMode) => object): SandboxControl {
  let current = control.parse({ mode: 'ok' });
  const router = express.Router();
  router.get('/__control', (_request, response) => void response.json(current));
  router.put('/__control', express.json({ strict: false }), (request, response) => {
    const wanted = control.safeParse(request.body);
    if (!wanted.success) {
      sendProblem(response, 400, z.prettifyError(wanted.error));
      return;
    }
    current = wanted.data;
    response.json(current);
  });
  return { router, takesOver: (when, response) => play(current, when, response, failure) };
}

async function play(
  current: SandboxMode,
  when: SandboxMode['when'],
  response: Response,
  failure: (mode: SandboxMode) => object,
): Promise<boolean> {
  if (when !== current.when) return false;
  switch (current.mode) {
    case 'ok':
      return false;
    case 'slow':
      await delay(current.delayMs, response);
      return response.destroyed;
    case 'hang':
      return true;
    case 'garbage':
      response.type('html').send('<html><body><h1>It works!</h1></body>');
      return true;
    case 'fail':
      response.status(current.status).json(failure(current));
      return true;
  }
}

/** Ends early when the client leaves. */
async function delay(ms: number, response: Response): Promise<void> {
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
  };
  response.once('close', leave);
  await pause(ms, undefined, { signal: left.signal }).catch(() => undefined);
  response.off('close', leave);
}

/** RFC 9457. */
export function sendProblem(response: Response, status: number, detail: string): void {
  const title = STATUS_CODES[status] ?? 'Error';
  response.status(status).type('application/problem+json');
  response.send(JSON.stringify({ type: 'about:blank', title, status, detail }));
}
