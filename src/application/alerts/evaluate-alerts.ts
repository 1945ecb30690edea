import { alert, type AlertRule, type Measurement } from '../../domain/alert/decide.ts';
import type { AlertName } from '../../domain/alert/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';

/** What is known now; what cannot be measured in an outage is left out, and its alert stays as it is. */
export type Measure = () => Promise<{ readonly [Name in AlertName]?: Measurement }>;
export type AlertRules = { readonly [Name in AlertName]: AlertRule };

interface Dependencies extends CommandHandling {
  clock: Clock;
  measure: Measure;
  alertRules: AlertRules;
}

export type EvaluateAlerts = (request: Record<string, never>, context: Context) => Promise<void>;

/** Raises and clears: what changes is an event, which the mail to the operators follows from. */
export function evaluateAlerts(deps: Dependencies): EvaluateAlerts {
  const handle = commandHandler(deps, alert);
  return async (_request, context) => {
    const measured = Object.entries(await deps.measure()) as [AlertName, Measurement][];
    for (const [name, value] of measured) {
      const command = {
        type: 'Evaluate',
        name,
        measured: value,
        rule: deps.alertRules[name],
        now: deps.clock(),
      } as const;
      await handle(streams.alert(name), command, context);
    }
  };
}
