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

/** What a spreadsheet would calculate (OWASP, CSV Injection), the full-width forms of the same characters included. */
const formula = /^[\s"']*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** The same after what another reader than one of RFC 4180 would begin a cell or a line with. */
const formulaWithin = /([;\t\r\n][\s"']*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** Both begin with an apostrophe instead, which makes a cell a text. */
const asText = (text: string): string => `${formula.test(text) ? "'" : ''}${text.replace(formulaWithin, "$1'")}`;

const cell = (text: string): string => `"${asText(text).replaceAll('"', '""')}"`;
