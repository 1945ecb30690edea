import type { AuditEntry } from '../audit-queries.ts';

const columns = [
  'position',
  'occurredAt',
  'type',
  'summary',
  'actor',
  'subject',
  'teamId',
  'sessionId',
  'deviceId',
  'ip',
  'userAgent',
  'place',
  'requestId',
  'correlationId',
  'causationId',
  'eventId',
  'data',
] as const satisfies readonly (keyof AuditEntry)[];

/** RFC 4180. */
export const csvHeader = `${columns.join(',')}\r\n`;

export const csvRow = (entry: AuditEntry): string =>
  `${columns.map((name) => cell(textOf(entry, name))).join(',')}\r\n`;

function textOf(entry: AuditEntry, name: (typeof columns)[number]): string {
  if (name === 'actor') return entry.actor.kind === 'user' ? entry.actor.userId : entry.actor.kind;
  if (name === 'data') return JSON.stringify(entry.data);
  return entry[name] ?? '';
}

/** What a spreadsheet would calculate begins with an apostrophe instead (OWASP, CSV Injection). */
const formula = /^[\s]*[=+\-@\t\r]/;

const cell = (text: string): string => `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
