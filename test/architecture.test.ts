import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import type { IConfiguration, ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const { forbidden = [], options } = require('../dependency-cruiser.config.cjs') as IConfiguration;
const rules = forbidden.map(({ name }) => name);
const project = fileURLToPath(new URL('..', import.meta.url));
const fixtures = fileURLToPath(new URL('fixtures/architecture/', import.meta.url));

/** The violations of the `src` in a folder, each as "rule: from → to". */
async function violations(baseDir: string): Promise<{ rule: string; line: string }[]> {
  const { output } = await cruise(['src'], { ...options, baseDir, validate: true, ruleSet: { forbidden } });
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    line: `${rule.name}: ${from} → ${to}`,
  }));
}

describe('The import rules', () => {
  it('hold for the source', async () => {
    expect((await violations(project)).map(({ line }) => line)).toEqual([]);
  }, 60_000);

  it('each have a fixture that breaks them, and no fixture is for a rule that is gone', () => {
    expect(readdirSync(fixtures).sort()).toEqual([...rules].sort());
  });

  it.each(rules)('%s is broken by its fixture, and nothing else is', async (name) => {
    const broken = new Set((await violations(`${fixtures}${String(name)}`)).map(({ rule }) => rule));
    expect([...broken]).toEqual([name]);
  });
});
