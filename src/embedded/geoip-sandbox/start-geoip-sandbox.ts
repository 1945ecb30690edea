import { isIP } from 'node:net';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import express from 'express';
import { z } from 'zod';
import { listenOnLoopback } from '../sandbox-server.ts';
import { sandboxControl, sendProblem } from '../sandbox-control.ts';

const answers = z.record(
  z.string().refine((text) => isIP(text) !== 0, 'must be an address'),
  z.strictObject({
    country: z.string().regex(/^[A-Z]{2}$/),
    city: z.string().optional(),
    latitude: z.number().min(-90).max(90).optional(),
    longitude: z.number().min(-180).max(180).optional(),
    accuracyKm: z.number().nonnegative().optional(),
    anonymous: z.boolean().optional(),
  }),
);

export interface GeoipSandbox {
  url: string;
  port: number;
  close: () => Promise<void>;
}

/** A Geo-IP service on loopback that knows what it is told: `PUT /__control/answers` replaces all of it. */
export async function startGeoipSandbox({
  port,
}: {
  /** 0 lets the system choose. */ port: number;
}): Promise<GeoipSandbox> {
  return listenOnLoopback(geoipSandboxApp(), port);
}

function geoipSandboxApp(): Express {
  let known: z.infer<typeof answers> = {};
  const control = sandboxControl(() => ({ error: 'The sandbox was told to fail.' }));
  const app = express();
  app.disable('x-powered-by');
  app.use(control.router);
  app.get('/__control/answers', (_request, response) => void response.json(known));
  app.put('/__control/answers', express.json(), (request, response) => {
    const wanted = answers.safeParse(request.body);
    if (!wanted.success) {
      sendProblem(response, 400, z.prettifyError(wanted.error));
      return;
    }
    known = wanted.data;
    response.json(known);
  });
  app.get('/:ip', async (request, response) => {
    if (await control.takesOver('before', response)) return;
    const { ip } = request.params;
    const place = Object.hasOwn(known, ip) ? known[ip] : undefined;
    if (await control.takesOver('after', response)) return;
    if (place === undefined) sendProblem(response, 404, 'Nobody knows where this address is.');
    else response.json({ ip, ...place });
  });
  app.use(notThere, faulty);
  return app;
}

const notThere: RequestHandler = (_request, response) => {
  sendProblem(response, 404, 'There is nothing at this address.');
};

function faulty(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const unreadable = error instanceof Error && 'status' in error && error.status === 400;
  const detail = error instanceof Error ? error.message : 'The sandbox failed.';
  if (!response.headersSent) sendProblem(response, unreadable ? 400 : 500, detail);
}
