import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** Node's own response is all it needs, so an endpoint can be answered without a framework. */
export function writeAnswer(response: ServerResponse, { status, headers, cookies, body }: Answer): void {
  if (cookies.length > 0) response.setHeader('Set-Cookie', [...cookies]);
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}
