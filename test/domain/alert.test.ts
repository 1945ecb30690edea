import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alert, type AlertRule, type AlertState } from '../../src/domain/alert/decide.ts';
import type { AlertEvent, AlertLevel, AlertName } from '../../src/domain/alert/events.ts';
import { alertRulesOf } from '../../src/composition/alert-rules.ts';
import { loadConfig } from '../../src/config.ts';
import { specificationFor } from '../support/given.ts';

const given = specificationFor(alert);
const now = new Date('2026-03-01T12:00:00.000Z');
const at = now.toISOString();
const rule: AlertRule = { warning: 0.05, critical: 0.1, minimumSamples: 20, clearAt: 0.8 };
const name = 'email-failures';

const measured = (value: number, samples = 100, by = rule, of: AlertName = name) =>
  ({ type: 'Evaluate', name: of, measured: { value, samples }, rule: by, now }) as const;
const raised = (level: AlertLevel, value: number): AlertEvent => ({
  type: 'AlertRaised',
  data: { name, level, value, threshold: rule[level], samples: 100, at },
});
const cleared = (value: number): AlertEvent => ({ type: 'AlertCleared', data: { name, value, raisedAt: at, at } });

describe('an alert', () => {
  it('is raised as a warning above its first threshold, not at it', () => {
    given().when(measured(0.05)).thenNothing();
    given().when(measured(0.051)).then(raised('warning', 0.051));
  });

  it('is raised as critical above its second', () => {
    given().when(measured(0.11)).then(raised('critical', 0.11));
    given(raised('warning', 0.06)).when(measured(0.11)).then(raised('critical', 0.11));
  });

  it('is raised once', () => {
    given(raised('warning', 0.06)).when(measured(0.07)).thenNothing();
    given(raised('critical', 0.2)).when(measured(0.3)).thenNothing();
  });

  it('is not cleared by a value that wavers about its threshold', () => {
    given(raised('warning', 0.06)).when(measured(0.045)).thenNothing();
    given(raised('critical', 0.2)).when(measured(0.09)).thenNothing();
  });

  it('goes back to a warning before it is cleared', () => {
    given(raised('critical', 0.2)).when(measured(0.07)).then(raised('warning', 0.07));
    given(raised('warning', 0.06)).when(measured(0.04)).then(cleared(0.04));
    given(raised('critical', 0.2)).when(measured(0)).then(cleared(0));
  });

  it('takes no notice of one failure of two', () => {
    given().when(measured(0.5, 2)).thenNothing();
    given().when(measured(1, 19)).thenNothing();
    given()
      .when(measured(1, 20))
      .then({ ...raised('critical', 1), data: { ...raised('critical', 1).data, samples: 20 } } as AlertEvent);
  });

  it('is cleared when there is next to nothing left to count', () => {
    given(raised('warning', 0.06)).when(measured(1, 3)).then(cleared(1));
  });

  it('can be raised again', () => {
    given(raised('warning', 0.06), cleared(0)).when(measured(0.06)).then(raised('warning', 0.06));
  });

  it('never repeats a level, whatever is measured', () => {
    const series = fc.array(fc.record({ value: fc.double({ min: 0, max: 1, noNaN: true }), samples: fc.nat(60) }));
    fc.assert(
      fc.property(series, (values) => {
        let state: AlertState = alert.initialState;
        const told: (AlertLevel | 'clear')[] = ['clear'];
        for (const { value, samples } of values) {
          const events = alert.decide(measured(value, samples), state);
          state = events.reduce(alert.evolve, state);
          told.push(...events.map(({ type, data }) => (type === 'AlertRaised' ? data.level : ('clear' as const))));
          expect(alert.decide(measured(value, samples), state)).toEqual([]);
        }
        expect(told.every((level, index) => level !== told[index - 1])).toBe(true);
      }),
    );
  });

  it('does not ring for a value within the band between a threshold and where it is left', () => {
    const within = fc.double({ min: 0.0401, max: 0.05, noNaN: true });
    fc.assert(
      fc.property(fc.array(within), fc.constantFrom<AlertState['status']>('clear', 'raised'), (values, status) => {
        const start: AlertState = status === 'clear' ? { status } : { status, level: 'warning', since: at };
        for (const value of values) expect(alert.decide(measured(value), start)).toEqual([]);
      }),
    );
  });
});

describe('the alerts of the table, at their defaults', () => {
  const rules = alertRulesOf(loadConfig({}));
  const table: [AlertName, number, number][] = [
    ['failed-logins-per-ip', 10, 20],
    ['suspicious-logins', 0.05, 0.1],
    ['session-errors', 0.01, 0.05],
    ['email-failures', 0.05, 0.1],
  ];

  it.each(table)('%s: a warning above %d, critical above %d, and cleared', (of, warning, critical) => {
    const levels: (AlertLevel | 'clear')[] = [];
    let state: AlertState = alert.initialState;
    for (const value of [warning, warning * 1.1, critical, critical * 1.1, critical * 0.75, warning * 0.75]) {
      const events = alert.decide(measured(value, 1000, rules[of], of), state);
      state = events.reduce(alert.evolve, state);
      levels.push(...events.map(({ type, data }) => (type === 'AlertRaised' ? data.level : ('clear' as const))));
    }
    expect(levels).toEqual(['warning', 'critical', 'warning', 'clear']);
  });
});
