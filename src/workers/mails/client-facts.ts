import { isIPv6 } from 'node:net';
import Bowser from 'bowser';
import type { Client } from '../../application/ports.ts';
import type { Happening } from './mail-texts.ts';

const browsers = new Set(Object.values(Bowser.BROWSER_MAP));
const systems = new Set(Object.values(Bowser.OS_MAP));

/** What a mail tells of when and from where, for a person to recognise; not for anybody to trace. */
export function happening(at: string, client: Client | undefined): Happening {
  return {
    at: new Date(at),
    device: client?.userAgent ? deviceName(client.userAgent) : null,
    place: client?.place ?? null,
    ip: client?.ip ? partOf(client.ip) : null,
  };
}

/**
 * “Firefox on Linux”; `null` where neither is known. Only names from the parser's own lists: a user agent is written by
 * whoever calls, and must not become a sentence in somebody's mail.
 */
export function deviceName(userAgent: string): string | null {
  if (userAgent === '') return null;
  const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
  const known = [
    browser.name !== undefined && browsers.has(browser.name) ? browser.name : undefined,
    os.name !== undefined && systems.has(os.name) ? os.name : undefined,
  ].filter((name) => name !== undefined);
  return known.length === 0 ? null : known.join(' on ');
}

/** The network part: enough to recognise one's own. IPv4 without the last number, IPv6 the first 48 bits. */
function partOf(ip: string): string | null {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return `${address.slice(0, address.lastIndexOf('.'))}.x`;
  if (!isIPv6(address)) return null;
  const [start = '', end] = address.split('::');
  const groups = start === '' ? [] : start.split(':');
  const missing = end === undefined ? 0 : Math.max(0, 3 - groups.length);
  return `${[...groups, ...Array<string>(missing).fill('0')].slice(0, 3).join(':')}:x`;
}
