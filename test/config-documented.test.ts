import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationNames, loadConfig } from '../src/config.ts';

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const text = (name: string) => readFileSync(file(name), 'utf8');
const found = (content: string, pattern: RegExp) => [...content.matchAll(pattern)].map(([, name = '']) => name);
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

const example = text('.env.example');
const exampleNames = found(example, /^(?:# )?([A-Z][A-Z0-9_]*)=/gm);
const composeNames = found(text('docker-compose.yml'), /\$\{([A-Z][A-Z0-9_]*)/g);

describe('.env.example', () => {
  it('names everything the service or docker-compose.yml reads, and nothing else', () => {
    expect(sorted(exampleNames)).toEqual(sorted([...configurationNames, ...composeNames]));
  });

  it('names each once', () => {
    expect([...exampleNames].sort()).toEqual(sorted(exampleNames));
  });

  it('shows the defaults', () => {
    const defaults: Partial<Record<string, string | number>> = loadConfig({});
    const shown = [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)];
    expect(shown.map(([, name = '', value]) => [name, value])).toEqual(
      shown.map(([, name = '']) => [name, String(defaults[name] ?? '')]),
    );
  });
});

describe.skipIf(!existsSync(file('README.md')))("README's configuration table", () => {
  it('has a row for everything the service reads, and no other', () => {
    const section =
      text('README.md')
        .split(/^## Configuration$/m)[1]
        ?.split(/^## /m)[0] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('|'));
    const names = rows.flatMap((row) => found(row.split('|')[1] ?? '', /`([A-Z][A-Z0-9_]*)`/g));
    expect(sorted(names)).toEqual(sorted(configurationNames));
  });
});
