import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { progressOf } from '../../src/cli/audit/progress.ts';

async function* chunks(count: number) {
  for (let n = 0; n < count; n += 1) yield await Promise.resolve(Buffer.alloc(10));
}

/** What is written when each chunk takes so long, and how many chunks came through. */
async function written(isTTY: boolean, msPerChunk: number) {
  const out = Object.assign(new PassThrough(), { isTTY, columns: 80, cursorTo: () => true, clearLine: () => true });
  let now = 0;
  const progress = progressOf(out, 100, () => now);
  let seen = 0;
  for await (const chunk of progress.through(chunks(10))) {
    seen += chunk.length;
    now += msPerChunk;
  }
  progress.stop();
  out.end();
  return { seen, text: (await out.toArray()).join('') };
}

test('what takes long says on a terminal how far it is', async () => {
  const { seen, text } = await written(true, 300);
  expect(seen).toBe(100);
  expect(text).toContain('40%');
});

test('what is quick says nothing, and neither does what nobody watches', async () => {
  expect(await written(true, 10)).toEqual({ seen: 100, text: '' });
  expect(await written(false, 300)).toEqual({ seen: 100, text: '' });
});
