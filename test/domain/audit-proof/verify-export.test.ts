import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKnowledge } from '../../../src/adapters/event-knowledge.ts';
import { cryptography } from '../../../src/adapters/node-cryptography.ts';
import { eachLine } from '../../../src/cli/audit/each-line.ts';
import type { Checkpoint } from '../../../src/domain/audit-proof/checkpoint.ts';
import {
  chainedLines,
  sealText,
  type ExportEntry,
  type ExportHeader,
} from '../../../src/domain/audit-proof/export-format.ts';
import { signNote, type NoteKey } from '../../../src/domain/audit-proof/signed-note.ts';
import { exportVerifier, WrongLine, type VerifiedExport } from '../../../src/domain/audit-proof/verify-export.ts';
import { newSigner, provenLog, rawEvent, uuid } from '../../support/proven-log.ts';

const log = provenLog(300);
const whole = await log.exported();
const part = await log.exported({ wants: (n) => n % 7 === 3, previousSize: 100 });

async function verify(
  file: string | Buffer,
  { keys = [log.signer.key], previous }: { keys?: NoteKey[]; previous?: Checkpoint } = {},
): Promise<VerifiedExport> {
  const verifier = exportVerifier({ cryptography, keys, previous, knowledge: eventKnowledge });
  async function* chunks() {
    const bytes = Buffer.from(file);
    for (let at = 0; at < bytes.length; at += 5000) yield await Promise.resolve(bytes.subarray(at, at + 5000));
  }
  await eachLine(chunks(), (line) => {
    verifier.line(line);
  });
  return verifier.end();
}

async function wrongLineOf(...given: Parameters<typeof verify>): Promise<{ line: number; message: string }> {
  const error: unknown = await verify(...given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WrongLine);
  const { line, message } = error as WrongLine;
  return { line, message };
}

type Line = ExportHeader | ExportEntry;

/** As whoever holds the signing key, but not the earlier checkpoints, could write it. */
function resigned(file: string, change: (entries: ExportEntry[], header: ExportHeader) => Line[]): string {
  const values = file
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  const plain = values.slice(0, -1).map(({ chain: _chain, ...line }) => line) as unknown as Line[];
  const lines = chainedLines(cryptography.sha256);
  const [header, ...entries] = plain as [ExportHeader, ...ExportEntry[]];
  const changed = change(entries, header);
  const text = changed.map((line) => lines.line(line)).join('');
  const { key, sign } = log.signer;
  const count = changed.length - 1;
  const seal = signNote(cryptography.sha256, sealText(key.name, count, lines.chain()), key, sign);
  return `${text}${JSON.stringify({ count, seal })}\n`;
}

describe('the verifier of exports', () => {
  it('accepts what was exported, with and without an earlier checkpoint', async () => {
    expect(await verify(whole)).toMatchObject({ complete: true, count: 300 });
    expect(await verify(part)).toMatchObject({ complete: false, count: 43 });
    for (const size of [1, 255, 256, 300])
      expect(await verify(whole, { previous: log.checkpoint(size) })).toBeDefined();
    expect(await verify(part, { previous: log.checkpoint(100) })).toBeDefined();
    expect(await verify(resigned(whole, (entries, header) => [header, ...entries]))).toBeDefined();
  });

  it('accepts a log of nothing and of one event', async () => {
    for (const size of [0, 1, 2])
      expect(await verify(await provenLog(size, log).exported())).toMatchObject({ count: size });
  });

  /** Another one is tried by `SEED`; a failure prints the one that it had. */
  const seed = Number(process.env['SEED'] ?? 20_260_102);

  it(
    `rejects 1500 changes of one byte, and names their lines (seed ${String(seed)})`,
    { timeout: 60_000 },
    async () => {
      let rejected = 0;
      const small = Buffer.from(await provenLog(12, log).exported());
      const lineOf = (at: number) => small.subarray(0, at).toString('latin1').split('\n').length;
      await fc.assert(
        fc.asyncProperty(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
          const changed = Buffer.from(small);
          changed[at] = (changed[at] ?? 0) ^ mask;
          const { line } = await wrongLineOf(changed);
          expect(line).toBe(lineOf(at));
          rejected += 1;
        }),
        { numRuns: 1500, seed },
      );
      expect(rejected).toBeGreaterThanOrEqual(1000);
    },
  );

  it('rejects a file that is cut, longer, or without its last newline', async () => {
    const lines = whole.trimEnd().split('\n');
    expect(await wrongLineOf('')).toMatchObject({ line: 1 });
    expect(await wrongLineOf(`${lines.slice(0, -1).join('\n')}\n`)).toMatchObject({ line: 302 });
    expect(await wrongLineOf(whole.slice(0, -1))).toMatchObject({ line: 302, message: 'it does not end' });
    expect(await wrongLineOf(`${whole}\n`)).toMatchObject({ line: 303, message: 'it comes after the trailer' });
  });

  it('names a line that is left out, or stands in another place', async () => {
    const lines = whole.trimEnd().split('\n');
    const without = [...lines.slice(0, 50), ...lines.slice(51)].join('\n');
    expect(await wrongLineOf(`${without}\n`)).toMatchObject({ line: 51 });
    const swapped = [...lines];
    [swapped[50], swapped[51]] = [swapped[51] ?? '', swapped[50] ?? ''];
    expect(await wrongLineOf(`${swapped.join('\n')}\n`)).toMatchObject({ line: 51 });
  });
});

describe('an export that somebody without the key has tampered with', () => {
  const linesOf = (file: string) => file.trimEnd().split('\n');
  const joined = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  const changedBytes = 'its bytes are not those that were exported';
  const changed = (file: string, number: number, change: (line: string) => string) =>
    joined(linesOf(file).map((line, n) => (n === number - 1 ? change(line) : line)));

  it('is found at a doubled line, in a complete one and in part of one', async () => {
    for (const file of [whole, part]) {
      const lines = linesOf(file);
      const doubled = [...lines.slice(0, 20), ...lines.slice(19)];
      expect(await wrongLineOf(joined(doubled))).toEqual({ line: 21, message: changedBytes });
    }
  });

  it('is found at a left-out first line, first entry and last entry', async () => {
    const lines = linesOf(whole);
    expect(await wrongLineOf(joined(lines.slice(1)))).toMatchObject({ line: 1 });
    expect(await wrongLineOf(joined(lines.toSpliced(1, 1)))).toMatchObject({ line: 2 });
    // What is missing at the end shows in the trailer.
    expect(await wrongLineOf(joined(lines.toSpliced(300, 1)))).toEqual({
      line: 301,
      message: 'it counts 300 entries, there are 299',
    });
  });

  it('is found at a changed count, alone or with a line that is left out', async () => {
    const less = (line: string) => line.replace('"count":300', '"count":299');
    expect(await wrongLineOf(changed(whole, 302, less))).toEqual({
      line: 302,
      message: 'it counts 299 entries, there are 300',
    });
    const shorter = joined(linesOf(whole).toSpliced(300, 1));
    expect((await wrongLineOf(changed(shorter, 301, less))).message).toContain('seal');
  });

  it('is found at other filters, at a claim to be complete, and at the first line of another export', async () => {
    const to = (from: string, other: string) => (line: string) => line.replace(from, other);
    for (const change of [to('LoginFailed', 'SessionStarted'), to('"complete":false', '"complete":true')]) {
      expect(change(part)).not.toBe(part);
      expect(await wrongLineOf(changed(part, 1, change))).toEqual({ line: 1, message: changedBytes });
    }
    const header = linesOf(await log.exported({ of: 200 }))[0] ?? '';
    expect(await wrongLineOf(changed(whole, 1, () => header))).toMatchObject({ line: 2, message: changedBytes });
  });

  it('is found when it ends with the trailer of another export', async () => {
    const trailer = linesOf(await log.exported({ entry: (entry) => ({ ...entry, summary: 'Another' }) })).at(-1) ?? '';
    expect(await wrongLineOf(changed(whole, 302, () => trailer))).toMatchObject({ line: 302 });
  });
});

describe('an export that the holder of the key has tampered with', () => {
  it('is found by the tree when part of it claims to be complete', async () => {
    const claimed = resigned(part, (entries, header) => [{ ...header, complete: true, filters: {} }, ...entries]);
    expect(await wrongLineOf(claimed)).toEqual({ line: 2, message: 'index 0 is left out' });
  });

  it('is found by the tree when a line is left out, swapped or doubled', async () => {
    const leftOut = resigned(whole, (entries, header) => [header, ...entries.filter((_, n) => n !== 49)]);
    expect(await wrongLineOf(leftOut)).toEqual({ line: 51, message: 'index 49 is left out' });
    const last = resigned(whole, (entries, header) => [header, ...entries.slice(0, -1)]);
    expect(await wrongLineOf(last)).toEqual({ line: 301, message: 'index 299 is left out' });
    const swap = (all: ExportEntry[]) => [...all.slice(0, 9), ...all.slice(9, 11).reverse(), ...all.slice(11)];
    expect(await wrongLineOf(resigned(part, (entries, header) => [header, ...swap(entries)]))).toMatchObject({
      line: 12,
      message: 'index 66 does not come after 73',
    });
    const doubled = resigned(part, (entries, header) => [header, ...entries.slice(0, 1), ...entries]);
    expect(await wrongLineOf(doubled)).toMatchObject({ line: 3 });
  });

  it('is found by the tree when stored bytes, their proof or their index are changed', async () => {
    const at = (n: number, change: (entry: ExportEntry) => ExportEntry) =>
      resigned(part, (entries, header) => [header, ...entries.map((entry, m) => (m === n ? change(entry) : entry))]);
    const message = 'its stored bytes are not those in the signed log';
    const other = Buffer.from('another').toString('base64');
    expect(await wrongLineOf(at(5, (entry) => ({ ...entry, stored: other })))).toEqual({ line: 7, message });
    expect(await wrongLineOf(at(5, (entry) => ({ ...entry, index: entry.index + 1 })))).toEqual({ line: 7, message });
    for (const wrong of [0, 4, 8]) {
      const hash = Buffer.alloc(32, 1).toString('base64');
      const change = (entry: ExportEntry) => ({ ...entry, proof: entry.proof.map((h, m) => (m === wrong ? hash : h)) });
      expect(await wrongLineOf(at(5, change))).toEqual({ line: 7, message });
      expect(await wrongLineOf(at(0, change))).toEqual({ line: 2, message });
    }
  });

  it('is found when the readable part is not what the stored bytes say', async () => {
    const readable = async (change: (entry: Record<string, unknown>) => Record<string, unknown> | null) =>
      (
        await wrongLineOf(
          resigned(whole, (entries, header) => [
            header,
            ...entries.map((line, n) => (n === 7 ? { ...line, entry: change({ ...line.entry }) } : line)),
          ]),
        )
      ).message;
    const other = uuid(99_999);
    const lies = {
      eventId: other,
      type: 'LoginCompleted',
      occurredAt: '2026-01-02T03:04:05.679Z',
      actor: { kind: 'system' },
      subject: other,
      teamId: other,
      sessionId: other,
      deviceId: other,
      requestId: 'another',
      correlationId: other,
      causationId: other,
    };
    for (const [field, lie] of Object.entries(lies)) {
      expect(await readable((entry) => ({ ...entry, [field]: lie }))).toBe(
        `its readable ${field} is not what its stored bytes say`,
      );
    }
    const inData = async (lie: object) =>
      readable(({ data, ...entry }) => ({ ...entry, data: { ...(data as object), ...lie } }));
    expect(await inData({ reason: 'account-locked' })).toContain('data.reason');
    expect(await inData({ more: 1 })).toContain('data.more');
    expect(
      await readable(({ data, ...entry }) => ({ ...entry, data: { ...(data as object), at: undefined } })),
    ).toContain('data.at');
    expect(await readable((entry) => ({ ...entry, note: 'trust me' }))).toContain('readable note');
    expect(await readable(({ teamId: _gone, ...entry }) => entry)).toContain('readable teamId');
    expect(await readable((entry) => ({ ...entry, position: '1' }))).toContain('position does not rise');
    expect(await readable(() => null)).toContain('no readable form');
  });

  it('is found when a client is shown that was never recorded', async () => {
    const bare = (n: number) => {
      const event = rawEvent(n);
      const metadata = JSON.parse(Buffer.from(event.metadata).toString()) as Record<string, unknown>;
      return { ...event, metadata: Buffer.from(JSON.stringify({ ...metadata, client: undefined })) };
    };
    const file = await provenLog(3, { signer: log.signer, event: bare }).exported();
    expect((await wrongLineOf(file)).message).toContain('readable ip');
  });
});

describe('a checkpoint', () => {
  it('of another log, or signed by another key, is refused', async () => {
    const message = 'its checkpoint is not signed by this key';
    expect(await wrongLineOf(whole, { keys: [newSigner('log.example.org').key] })).toEqual({ line: 1, message });
    const renamed = { ...log.signer.key, name: 'another.example.org' };
    expect(await wrongLineOf(whole, { keys: [renamed] })).toEqual({ line: 1, message });
    const other = provenLog(300, { signer: newSigner('log.example.org') });
    const exchanged = resigned(whole, (entries, header) => [{ ...header, checkpoint: other.note() }, ...entries]);
    expect(await wrongLineOf(exchanged)).toEqual({ line: 1, message });
  });

  it('of a log with another past is refused by the entries', async () => {
    const other = provenLog(300, { signer: log.signer, event: (n) => rawEvent(n, n === 200 ? uuid(5) : undefined) });
    const exchanged = resigned(whole, (entries, header) => [{ ...header, checkpoint: other.note() }, ...entries]);
    expect(await wrongLineOf(exchanged)).toMatchObject({ line: 2 });
  });

  it('that was there before shows a log that was rolled back or written anew', async () => {
    const longer = provenLog(400, log).checkpoint();
    expect((await wrongLineOf(whole, { previous: longer })).message).toContain('rolled back');
    const anew = provenLog(300, { signer: log.signer, event: (n) => rawEvent(n, n === 20 ? uuid(5) : undefined) });
    const previous = log.checkpoint(100);
    expect(await wrongLineOf(await anew.exported(), { previous })).toEqual({
      line: 101,
      message: 'the first 100 events are not those of the previous checkpoint',
    });
    const someOfIt = await anew.exported({ wants: (n) => n > 200, previousSize: 100 });
    expect((await wrongLineOf(someOfIt, { previous })).message).toContain('contradicts the previous one');
    expect((await wrongLineOf(await anew.exported(), { previous: log.checkpoint() })).message).toContain('contradicts');
    expect((await wrongLineOf(part, { previous: log.checkpoint(99) })).message).toContain('previousSize=99');
  });
});
