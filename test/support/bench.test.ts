import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventsOfLife, lifeOf } from '../../bench/data/life.ts';
import { sharesOf } from '../../bench/bench.ts';
import { replyIn } from '../../bench/load/connection.ts';
import { between, statIn } from '../../bench/processes.ts';
import { newestResult, withTable, type Result } from '../../bench/readme.ts';
import { row, unmeasured } from '../../bench/row.ts';
import { waitsOf } from '../../bench/rows/visible.ts';
import { median, quantile, spreadOver } from '../../bench/statistics.ts';
import { eventCodec } from '../../src/adapters/event-codec.ts';

const keyOf = (subject: string) => createHmac('sha256', 'bench').update(subject).digest();
const codec = eventCodec({ subjectKeys: { forSealing: (subject) => Promise.resolve(keyOf(subject)) } });

describe('the data of the bench', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(lifeOf(1, 7)).toEqual(lifeOf(1, 7));
    expect(lifeOf(1, 7)).not.toEqual(lifeOf(2, 7));
    const ids = [...lifeOf(1, 7).chapters, ...lifeOf(1, 8).chapters].flatMap(({ events }) =>
      events.map(({ id }) => id),
    );
    expect(new Set(ids).size).toBe(2 * eventsOfLife);
  });

  it('are events that the codec takes and reads again', async () => {
    const { chapters } = lifeOf(1, 7);
    expect(chapters.flatMap(({ events }) => events)).toHaveLength(eventsOfLife);
    for (const { stream, events } of chapters) {
      for (const [revision, event] of events.entries()) {
        const stored = await codec.encode(event);
        const place = { stream, revision: BigInt(revision), position: 1n, recordedAt: new Date(0) };
        expect(codec.decode(stored, place).event.type).toBe(event.event.type);
      }
    }
  });
});

describe('the load client', () => {
  const head = 'HTTP/1.1 200 OK\r\n';

  it.each([
    ['with a length', `${head}Content-Length: 2\r\n\r\n{}`, '{}'],
    ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`, '{}'],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ])('reads a reply %s, and waits for the rest of one', (_how, text, body) => {
    expect(replyIn(Buffer.from(`${text}HTTP`))).toMatchObject({ reply: { body }, length: text.length });
    for (let end = 0; end < text.length; end += 1) expect(replyIn(Buffer.from(text.slice(0, end)))).toBeUndefined();
  });
});

describe('figures', () => {
  it('have a median and quantiles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
    expect(quantile([], 0.5)).toBe(0);
  });

  it('meet a goal by themselves or by the ratio', () => {
    const measured = { name: 'a', unit: '/s', ours: 30, against: { what: 'b', figure: 10 }, note: '' };
    expect(row(measured, '≥ 3 ×', (_ours, ratio) => ratio >= 3)).toMatchObject({ ratio: 3, met: true });
    expect(row(measured, '≥ 31', (ours) => ours >= 31)).toMatchObject({ met: false });
  });

  it('say in the note why a goal is missed, and only then', () => {
    const measured = { name: 'a', unit: '/s', ours: 30, note: 'n', because: 'the machine is small' };
    expect(row(measured, '≥ 30', (ours) => ours >= 30).note).toBe('n');
    expect(row(measured, '≥ 31', (ours) => ours >= 31).note).toBe('n; the reason: the machine is small');
  });

  it('are told apart by the part of the time they were seen in', () => {
    const seen = [
      [1000, 5],
      [1010, 7],
      [1990, 1],
      [2000, 3],
    ] as const;
    expect(spreadOver(seen, 2)).toBe('3 to 7 in 2 rounds');
  });

  it('count the processor time of each process, as Linux tells it, and say who took most of it', () => {
    const line = '42 (a (b) c) S 7 42 42 0 -1 4194304 99 0 0 0 150 50 20 30 20 0 11 0 5 6 7';
    expect(statIn(line)).toEqual({ pid: 42, parent: 7, seconds: 2.5 });
    expect(statIn('')).toBeUndefined();
    const taken = between({ api: 1 }, { api: 3, client: 1, idle: 0 });
    expect(taken).toEqual({ api: 2, client: 1, idle: 0 });
    expect(sharesOf(taken, 2)).toMatch(/^1\.5 of \d+ cores busy: api 67 %, client 33 %$/);
    expect(sharesOf({}, 2)).toBe('processor time not known');
  });

  it('count from the acknowledgement until the read model shows that position', () => {
    const sightings = [
      [100, 5n],
      [120, 9n],
    ] as const;
    const positions = [
      ['9', 101],
      ['5', 90],
      ['4', 130],
    ] as const;
    expect(waitsOf(positions, sightings).sort((a, b) => a - b)).toEqual([0, 10, 19]);
  });
});

describe('the README', () => {
  const environment = {
    at: '2026-01-01T00:00:00.000Z',
    commit: 'abc',
    node: 'v20',
    system: 'linux',
    cpu: 'x',
    cores: 2,
  };
  const result: Result = {
    environment: { ...environment, memoryGb: 4, peer: 'other 1', quick: false, events: 1 },
    rows: [row({ name: 'a', unit: '/s', ours: 30, note: 'n' }, '≥ 3', (ours) => ours >= 3), unmeasured('b', 'x | y')],
  };

  it('takes the table between its markers, over the one before', () => {
    const text = 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter';
    const once = withTable(text, result);
    expect(once).toMatch(/^before\n<!-- bench: begin -->\n.*30 \/s.*not measured.*<!-- bench: end -->\nafter$/s);
    expect(once).not.toContain('old');
    expect(withTable(once, result)).toBe(once);
    expect(() => withTable('no markers', result)).toThrow('README.md has no');
  });

  it('is made from a run of all rows, at full length', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mbauth-results-'));
    const keep = (name: string, more: object) =>
      writeFile(join(folder, name), JSON.stringify({ ...result, environment: { ...environment, ...more } }));
    try {
      await keep('1.json', { quick: false });
      await keep('2.json', { quick: false, only: ['ready'] });
      await keep('3.json', { quick: true, only: [] });
      expect((await newestResult(pathToFileURL(`${folder}/`)))?.environment).toEqual({ ...environment, quick: false });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('shows the newest result, and none while there is none', async () => {
    const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const newest = await newestResult();
    if (newest === undefined) expect(text).toContain('<!-- bench: begin -->\n<!-- bench: end -->');
    else expect(text).toBe(withTable(text, newest));
  });
});
