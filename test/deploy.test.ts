import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { promMetrics } from '../src/adapters/prom-metrics.ts';

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const shown = await promMetrics().text();
/** What `/metrics` shows, with the series that histograms have. */
const known = new Set(
  [...shown.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  ),
);
const metricsIn = (text: string) => [...text.matchAll(/\b(?:mbauth|process|nodejs)_\w+/g)].map(([name]) => name);

interface Dashboard {
  panels: { targets: { expr: string }[] }[];
}

describe('what is in deploy/', () => {
  it('knows a metric that is not there when it sees one', () => {
    expect(metricsIn('rate(mbauth_no_such_thing_total[5m])').filter((name) => !known.has(name))).toHaveLength(1);
  });

  it('has rules over metrics that exist', () => {
    const names = metricsIn(file('deploy/prometheus-rules.yml'));
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a dashboard over metrics that exist', () => {
    const { panels } = JSON.parse(file('deploy/grafana-dashboard.json')) as Dashboard;
    const names = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    expect(names.length).toBeGreaterThan(panels.length - 1);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('points to runbooks that exist', () => {
    expect(existsSync(new URL('../docs/operations.md', import.meta.url))).toBe(true);
    const runbooks = [...file('docs/operations.md').matchAll(/^### (\S+)$/gm)].map(([, name]) => name);
    expect(runbooks.sort()).toEqual(
      [
        ...['audit-mismatch', 'email-failures', 'failed-logins-per-ip', 'mail-sending-paused', 'session-errors'],
        'suspicious-logins',
      ].sort(),
    );
  });
});
