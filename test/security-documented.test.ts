import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const text = readFileSync(new URL('docs/security.md', root), 'utf8').replace(/\s+/g, ' ');

/** `file`: "name", "name" … as docs/security.md has it. */
const promised = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`:((?:,? "[^"]+")+)/g)].flatMap(
  ([, file = '', names = '']) => [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
);

describe('docs/security.md', () => {
  it('names tests for what it promises', () => {
    expect(promised.length).toBeGreaterThan(30);
  });

  it.each(promised)('$file has: $name', ({ file, name }) => {
    const path = new URL(file, root);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toMatch(
      new RegExp(`['"\`]${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}['"\`]`),
    );
  });
});
