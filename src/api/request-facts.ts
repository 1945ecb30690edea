import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { NewId } from '../application/ports.ts';

const maxUserAgentLength = 512;

/** What is known about a request whichever server took it. */
export interface RequestFacts {
  readonly requestId: string;
  readonly correlationId: string;
  readonly headers: IncomingHttpHeaders;
  /** Address of the client as far as the proxies in between are trusted. */
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export function requestFacts(
  headers: IncomingHttpHeaders,
  addresses: readonly (string | undefined)[],
  newId: NewId,
): RequestFacts {
  const requestId = newId();
  return {
    requestId,
    correlationId: correlationIn(headers) ?? requestId,
    headers,
    ip: firstPlain(addresses),
    userAgent: headers['user-agent']?.slice(0, maxUserAgentLength) ?? null,
  };
}

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Kept as it comes, so that one id follows a request through several systems; anything odd is ignored. */
function correlationIn(headers: IncomingHttpHeaders): string | undefined {
  const given = header(headers, 'x-correlation-id');
  return given !== undefined && /^[\w.:-]{1,64}$/.test(given) ? given : undefined;
}

function firstPlain(addresses: readonly (string | undefined)[]): string | null {
  for (const address of addresses) {
    const plain = plainAddress(address);
    if (plain !== null) return plain;
  }
  return null;
}

/** IPv4 in its own notation also where the socket is an IPv6 one; what a proxy writes need not be an address. */
function plainAddress(address: string | undefined): string | null {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
  return isIP(plain) === 0 ? null : plain;
}
