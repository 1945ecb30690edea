import { email } from '../../domain/email/decide.ts';
import type { EmailBounceKind, EmailEvent } from '../../domain/email/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';

export type EmailReport = {
  /** Ours, as the provider gives it back with the mail's metadata. */
  readonly messageId: string;
  readonly providerMessageId: string;
} & (
  | { readonly kind: 'bounce'; readonly bounceId: string; readonly bounceKind: EmailBounceKind }
  | { readonly kind: 'complaint'; readonly complaintId: string }
);

interface Dependencies extends CommandHandling {
  clock: Clock;
}

/** Answers whether the mail is known: what a provider tells of mails that are not ours leaves no trace. */
export type RecordEmailReport = (report: EmailReport, context: Context) => Promise<boolean>;

/** Once each, however often the provider tells it. */
export function recordEmailReport(deps: Dependencies): RecordEmailReport {
  const handle = commandHandler(deps, email);
  return async (report, context) => {
    const { messageId, providerMessageId } = report;
    const { events } = await deps.eventStore.readStream(streams.email(messageId));
    const sent = events.map(({ event }) => event as EmailEvent).find(({ type }) => type === 'EmailSent');
    if (sent?.type !== 'EmailSent' || sent.data.providerMessageId !== providerMessageId) return false;
    const { userId, template } = sent.data;
    const about = { messageId, userId, template, now: deps.clock() };
    const command =
      report.kind === 'bounce'
        ? ({ type: 'RecordBounced', ...about, bounceId: report.bounceId, kind: report.bounceKind } as const)
        : ({ type: 'RecordComplained', ...about, complaintId: report.complaintId } as const);
    await handle(streams.email(messageId), command, context);
    return true;
  };
}
