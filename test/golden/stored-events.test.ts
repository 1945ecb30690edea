import { describe, expect, it } from 'vitest';

import { eventCodec, type Place } from '../../src/adapters/event-codec.ts';
import { eventTypes } from '../../src/adapters/event-schemas.ts';
import { personalData } from '../../src/adapters/personal-data.ts';
import { goldenFiles, recordGoldenFile } from './golden-files.ts';
import { samples } from './samples.ts';

const place: Place = { stream: 'stream-1', revision: 3n, position: 42n, recordedAt: new Date(0) };

const release = process.env['GOLDEN_RECORD'];
if (release !== undefined) {
  const recorded = new Set((await goldenFiles()).map(({ stored }) => stored.type));
  for (const type of eventTypes.filter((known) => !recorded.has(known))) await recordGoldenFile(release, type);
}
const files = await goldenFiles();

describe('events stored by any release', () => {
  it('have an example of every type', () => {
    const recorded = new Set(files.map(({ stored }) => stored.type));
    expect(eventTypes.filter((type) => !recorded.has(type))).toEqual([]);
    expect(Object.keys(samples).sort()).toEqual([...eventTypes].sort());
  });

  it.each(files)('$name still reads as it did', async ({ stored, subjectKey, reads }) => {
    const key = Buffer.from(subjectKey, 'base64');
    const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.resolve(key) } });
    const opener = personalData({
      subjectKeys: { forOpening: () => Promise.resolve(key), destroy: () => Promise.resolve() },
    });
    const opened = await opener.open(codec.decode(stored, place));
    expect({ event: opened.event, context: opened.context }).toEqual(reads);
    expect(opened).toMatchObject({ id: stored.id, ...place });
  });

  it.each(files)('$name shows no personal field in the clear', ({ stored }) => {
    expect(JSON.stringify(stored)).not.toMatch(/203\.0\.113|Mozilla|example\.org|Jürgen/);
  });
});
