import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './answer.ts';

/** Node's own response is all it needs, so an endpoint can be answered without a framework. */
export function writeAnswer(response: ServerResponse, { status, headers, cookies, body, stream }: Answer): void {
  if (cookies.length > 0) response.setHeader('Set-Cookie', [...cookies]);
  if (stream) {
    response.writeHead(status, headers);
    writeStream(response, stream);
    return;
  }
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** No faster than the client reads; when the client hangs up, the source is told to stop. */
function writeStream(response: ServerResponse, stream: AsyncIterable<string>): void {
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  // A connection that breaks off tells the client that the answer is not whole; whoever makes the stream logs why.
  pipeline(Readable.from(stream, { highWaterMark: 1 }), response).catch(() => undefined);
}
