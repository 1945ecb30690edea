import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evaluateAlerts } from '../../src/application/alerts/evaluate-alerts.ts';
import { streams } from '../../src/application/streams.ts';
import { alertRulesOf } from '../../src/composition/alert-rules.ts';
import { loadConfig } from '../../src/config.ts';
import type { AlertName } from '../../src/domain/alert/events.ts';
import { jobWorld, operators } from './job-world.ts';
import { at } from './stories.ts';

const table: readonly [AlertName, warning: number, critical: number][] = [
  ['failed-logins-per-ip', 10, 20],
  ['suspicious-logins', 0.05, 0.1],
  ['session-errors', 0.01, 0.05],
  ['email-failures', 0.05, 0.1],
];

/** One alert, evaluated over and over as it is measured, and every job of what followed from that. */
function operatedBy(name: AlertName) {
  const { eventStore, mails, react } = jobWorld();
  let measured = { value: 0, samples: 0 };
  const evaluate = evaluateAlerts({
    ...{ eventStore, clock: () => new Date(at), newId: randomUUID, backOff: () => Promise.resolve() },
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    alertRules: alertRulesOf(loadConfig({})),
    measure: () => Promise.resolve({ [name]: measured }),
  });
  const context = { actor: { kind: 'system' }, correlationId: 'c', causationId: 'c' } as const;
  let seen = 0;
  return async (value: number, samples = 1000) => {
    measured = { value, samples };
    const before = mails.length;
    await evaluate({}, context);
    await evaluate({}, context);
    const { events } = await eventStore.readStream(streams.alert(name));
    for (const recorded of events.slice(seen)) await react(recorded);
    seen = events.length;
    return mails.slice(before).map(({ to, tag, subject }) => {
      expect(to).toBe(operators);
      return `${tag}: ${subject.split(':')[0] ?? ''}`;
    });
  };
}

describe.each(table)('%s', (name, warning, critical) => {
  it('is mailed to the operators once for each change: a warning, critical, back, and over', async () => {
    const measure = operatedBy(name);
    expect(await measure(warning)).toEqual([]);
    expect(await measure(warning * 1.1)).toEqual(['alert-raised: Warning']);
    expect(await measure(warning * 1.2)).toEqual([]);
    expect(await measure(critical * 1.1)).toEqual(['alert-raised: Critical']);
    // Within the band below a threshold nothing rings.
    expect(await measure(critical * 0.9)).toEqual([]);
    expect(await measure(critical * 0.75)).toEqual(['alert-raised: Warning']);
    expect(await measure(warning * 0.9)).toEqual([]);
    expect(await measure(warning * 0.7)).toEqual(['alert-cleared: Over']);
    expect(await measure(0)).toEqual([]);
  });

  it('is critical at once where it is, and over at once', async () => {
    const measure = operatedBy(name);
    expect(await measure(critical * 2)).toEqual(['alert-raised: Critical']);
    expect(await measure(0)).toEqual(['alert-cleared: Over']);
  });
});

it.each(['suspicious-logins', 'session-errors', 'email-failures'] as const)(
  '%s: nobody is written to for one failure of two',
  async (name) => {
    const measure = operatedBy(name);
    expect(await measure(0.5, 2)).toEqual([]);
    expect(await measure(0.5, 19)).toEqual([]);
    expect(await measure(0.5, 20)).toEqual(['alert-raised: Critical']);
  },
);
