import { describe, expect, it } from 'vitest';
import { cryptography } from '../../../src/adapters/node-cryptography.ts';
import { chainedLines, type ExportEntry } from '../../../src/domain/audit-proof/export-format.ts';
import { provenLog } from '../../support/proven-log.ts';

describe('the lines of an export', () => {
  it('are written out as JSON writes them, byte for byte', async () => {
    const whole = await provenLog(4).exported();
    const [, ...lines] = whole.trimEnd().split('\n').slice(0, -1);
    const awkward = { name: 'a"b\\c\n\u0001ä€😀', none: null, list: [1, true, {}] };
    const entries = lines.slice(0, 3).map((text) => {
      const { index, stored, proof } = JSON.parse(text) as ExportEntry;
      return { index, entry: awkward, stored, proof };
    });
    entries.push({ index: 9, entry: awkward, stored: '', proof: [] });
    const [one, other] = [chainedLines(cryptography.sha256), chainedLines(cryptography.sha256)];
    for (const entry of entries) expect(one.entry(entry)).toBe(other.line(entry));
    const long = { ...entries[0], index: 10, entry: { name: 'ä€😀'.repeat(20_000) }, stored: '', proof: [] };
    expect(one.entry(long)).toBe(other.line(long));
    expect(one.entry({ ...long, entry: null })).toBe(other.line({ ...long, entry: null }));
  });
});
