import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { listErasures, reapplyErasures } from '../../src/cli/erasure.ts';
import { DomainError } from '../../src/domain/errors.ts';

const ids = Array.from({ length: 1001 }, (_, n) => `user-${String(n).padStart(4, '0')}`);
const directory = {
  erasures: (after: string | undefined, limit: number) => {
    const from = after === undefined ? 0 : ids.indexOf(after) + 1;
    const page = ids.slice(from, from + limit);
    return Promise.resolve(page.map((userId) => ({ userId, receiptId: 'r', erasedAt: new Date(0) })));
  },
};

let done: string[];
let failing: Record<string, Error>;

beforeEach(() => {
  done = [];
  failing = {};
});

function terminal() {
  const out = new PassThrough();
  const useCases = {
    keepErasures: () => Promise.resolve(void done.push('keys')),
    erasePerson: ({ userId }: { userId: string }) => {
      if (failing[userId]) return Promise.reject(failing[userId]);
      return Promise.resolve(void done.push(userId));
    },
  };
  return { commands: { directory, useCases, newId: () => 'id', out }, text: () => String(out.read() ?? '') };
}

describe('mbauth erasure', () => {
  it('lists everybody, over all pages, by their ids alone', async () => {
    const { commands, text } = terminal();
    await listErasures(commands);
    expect(text()).toBe(`${ids.join('\n')}\n`);
  });

  it('destroys the keys again and erases those named, in the name of the system', async () => {
    const { commands, text } = terminal();
    expect(await reapplyErasures(commands, ['a', 'b'])).toBe(true);
    expect(done).toEqual(['keys', 'a', 'b']);
    expect(text()).toContain('a is erased\nb is erased\n');
  });

  it('names whom it cannot erase, goes on with the others, and is not complete', async () => {
    const { commands, text } = terminal();
    failing = { a: new DomainError('last-owner') };
    expect(await reapplyErasures(commands, ['a', 'b'])).toBe(false);
    expect(done).toEqual(['keys', 'b']);
    expect(text()).toContain('a is not erased: last-owner\nb is erased\n');
  });

  it('passes on what is no matter of the person', async () => {
    failing = { a: new Error('the database is away') };
    await expect(reapplyErasures(terminal().commands, ['a', 'b'])).rejects.toThrow('the database is away');
  });
});
