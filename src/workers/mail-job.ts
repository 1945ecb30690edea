import type { SendEmail } from '../application/emails/send-email.ts';
import type { Clock, EventStore, PersonalData, Recorded, Tokens } from '../application/ports.ts';
import type { DomainEvent, EventOf } from '../domain/events.ts';
import type { Job } from './job.ts';
import type { MailContent } from './mails/content.ts';
import type { MailTexts } from './mails/mail-texts.ts';
import { renderMail } from './mails/render-mail.ts';
import { shownName } from './mails/shown-name.ts';
import { reactionJob } from './reaction-job.ts';
import type { ReactingTemplate } from './reactions.ts';

export interface MailJobDependencies {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly personalData: Pick<PersonalData, 'open'>;
  readonly sendEmail: SendEmail;
  readonly tokens: Pick<Tokens, 'issue' | 'deviceCode'>;
  readonly clock: Clock;
  /** Where people open the service, without a slash at the end. */
  readonly publicUrl: string;
  readonly texts: MailTexts;
  /** Of the operators; alerts are mailed to nobody where it is not there. */
  readonly alertMailTo?: string | undefined;
}

/** Events about a person, whom the mail goes to. */
type MailEvent = Extract<DomainEvent, { data: { userId: string } }>;
type MailCause = MailEvent['type'];

/** Names as a mail may show them. */
interface Names {
  readonly name: string | null;
  readonly team: string | null;
}

interface MailPlan<Type extends MailCause> {
  readonly template: ReactingTemplate;
  readonly causes: readonly Type[];
  /** What the mail says, but for the names. */
  readonly prepare: (cause: Recorded<EventOf<Type>>) => Promise<(names: Names) => MailContent>;
  /** Default: always. */
  readonly isWanted?: (cause: Recorded<EventOf<Type>>) => Promise<boolean>;
}

/** One mail of one template to the person that the causing event is about. */
export function mailJob<Type extends MailCause>(deps: MailJobDependencies, plan: MailPlan<Type>): Job {
  const { template, causes, prepare, isWanted } = plan;
  return reactionJob(`mail-${template}`, causes, deps.eventStore, async (cause, context) => {
    const say = await prepare(cause);
    const { userId } = (cause as Recorded<MailEvent>).event.data;
    await deps.sendEmail(
      {
        template,
        cause,
        userId,
        render: ({ name, teamName }) =>
          renderMail(say({ name: shownName(name), team: shownName(teamName) }), deps.texts),
        ...(isWanted && { isWanted: () => isWanted(cause) }),
      },
      context,
    );
  });
}
