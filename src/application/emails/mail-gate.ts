import { mailSending } from '../../domain/mail-sending/decide.ts';
import type { MailPauseReason } from '../../domain/mail-sending/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Mailer } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** What is wrong with an account shows only when a mail is sent: one is tried again after so long. */
const accountRetryMs = 10 * 60_000;

/** Whether mails may leave, for all processes. */
export interface MailGate {
  isPaused(): Promise<boolean>;
  pause(reason: MailPauseReason, context: Context): Promise<void>;
}

interface Dependencies extends CommandHandling {
  clock: Clock;
}

export function mailGate(deps: Dependencies): MailGate {
  const load = streamLoader(deps, mailSending);
  const handle = commandHandler(deps, mailSending);
  return {
    isPaused: async () => (await load(streams.mailSending())).state.status === 'paused',
    pause: async (reason, context) => {
      await handle(streams.mailSending(), { type: 'Pause', reason, now: deps.clock() }, context);
    },
  };
}

export type ResumeMail = (request: Record<string, never>, context: Context) => Promise<void>;

/** Opens the gate when the provider takes our token again; a matter of the account is tried again after ten minutes. */
export function resumeMail(deps: Dependencies & { mailer: Pick<Mailer, 'acceptsUs'> }): ResumeMail {
  const load = streamLoader(deps, mailSending);
  const handle = commandHandler(deps, mailSending);
  return async (_request, context) => {
    const { state } = await load(streams.mailSending());
    if (state.status === 'running') return;
    const now = deps.clock();
    const ageMs = now.getTime() - Date.parse(state.since);
    if (state.reason === 'account' && ageMs < accountRetryMs) return;
    if (await deps.mailer.acceptsUs()) await handle(streams.mailSending(), { type: 'Resume', now }, context);
  };
}
