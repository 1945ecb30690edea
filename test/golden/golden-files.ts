import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';

import type { Context, NewEvent } from '../../src/application/ports.ts';
import { eventCodec, type StoredEvent } from '../../src/adapters/event-codec.ts';
import type { DomainEvent, EventType } from '../../src/domain/events.ts';
import { samples } from './samples.ts';

/** What a release stored, the key it was sealed under, and what it must read as for ever. */
export interface GoldenFile {
  stored: StoredEvent;
  subjectKey: string;
  reads: { event: DomainEvent; context: Context };
}

export async function goldenFiles(): Promise<readonly (GoldenFile & { name: string })[]> {
  const folder = new URL('./', import.meta.url);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      ...(JSON.parse(await readFile(new URL(name, folder), 'utf8')) as GoldenFile),
    })),
  );
}

/** Stores a sample as this release stores it: run `GOLDEN_RECORD=v1.2.3 npx vitest run test/golden` after adding an event. */
export async function recordGoldenFile(release: string, type: EventType): Promise<void> {
  const folder = new URL(`./${release}/`, import.meta.url);
  await mkdir(folder, { recursive: true });
  const subjectKey = Buffer.from(type.padEnd(32, '.').slice(0, 32));
  const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.resolve(subjectKey) } });
  const event = { type, data: samples[type] } as DomainEvent;
  const stored = await codec.encode({ id: '0192a000-0000-8000-8000-0000000000ff', event, context } satisfies NewEvent);
  const file: GoldenFile = { stored, subjectKey: subjectKey.toString('base64'), reads: { event, context } };
  await writeFile(new URL(`${type}.json`, folder), `${JSON.stringify(file, null, 2)}\n`, { flag: 'wx' });
}

const context: Context = {
  actor: { kind: 'user', userId: '0192a000-0000-7000-8000-000000000001' },
  sessionId: '0192a000-0000-7000-8000-000000000004',
  deviceId: '0192a000-0000-8000-8000-00000000000a',
  requestId: 'request-1',
  correlationId: '0192a000-0000-7000-8000-0000000000c0',
  causationId: '0192a000-0000-7000-8000-0000000000ca',
  client: { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11)', place: null },
};
