import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const main = file('src/cli/main.ts');
/** `audit verify` works without configuration, so it is looked up before the others. */
const commands = [
  'audit verify',
  ...[...main.matchAll(/^ {2}'([a-z ]+)': /gm)].map(([, name = '']) => name),
].toSorted();
/** The words of a command, without what is given to it. */
const wordsOf = (line: string) => /^(?:[a-z]+(?: |$|`))+/.exec(line)?.[0].replace('`', '').trim() ?? line;
const unique = (names: string[]) => [...new Set(names)].toSorted();

it('finds the commands of mbauth', () => {
  expect(commands.length).toBeGreaterThan(15);
});

it('README lists every command of mbauth, and no other', () => {
  const listed = [...file('README.md').matchAll(/^\| `npx mbauth ([^`|]+`?)/gm)].map(([, line = '']) => wordsOf(line));
  expect(unique(listed)).toEqual(commands);
});

it('the help of mbauth lists every command, and no other', () => {
  const usage = main.slice(main.indexOf('const usage'), main.indexOf('Connects like the service'));
  const listed = [...usage.matchAll(/^(?:const usage = `)?mbauth (.+)$/gm)].map(([, line = '']) =>
    wordsOf(line.split(/ {2,}/)[0] ?? ''),
  );
  expect(unique(listed)).toEqual(commands);
});
