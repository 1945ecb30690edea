import { expect, it } from 'vitest';
import { gathered } from '../../src/adapters/gathered.ts';

/** Answers each with its double, and keeps what was asked together. */
function doubling(most: number) {
  const asked: (readonly number[])[] = [];
  const ask = gathered(most, (all: readonly number[]) => {
    asked.push(all);
    return Promise.resolve(all.map((one) => 2 * one));
  });
  return { asked, ask };
}

it('asks together for what is asked in one turn, and gives each its own answer', async () => {
  const { asked, ask } = doubling(10);
  expect(await Promise.all([1, 2, 3].map(ask))).toEqual([2, 4, 6]);
  expect(await ask(4)).toBe(8);
  expect(asked).toEqual([[1, 2, 3], [4]]);
});

it('asks for no more at once than it may', async () => {
  const { asked, ask } = doubling(2);
  expect(await Promise.all([1, 2, 3, 4, 5].map(ask))).toEqual([2, 4, 6, 8, 10]);
  expect(asked).toEqual([[1, 2], [3, 4], [5]]);
});

it('tells all that were asked for together when it fails, and nobody else', async () => {
  let fails = true;
  const ask = gathered(10, (all: readonly number[]) =>
    fails ? Promise.reject(new Error('gone')) : Promise.resolve(all),
  );
  const both = [ask(1), ask(2)];
  for (const one of both) await expect(one).rejects.toThrow('gone');
  fails = false;
  await expect(ask(3)).resolves.toBe(3);
});
