import type { Job } from '../job.ts';
import type { MailJobDependencies } from '../mail-job.ts';
import { renderMail } from '../mails/render-mail.ts';
import { reactionJob } from '../reaction-job.ts';

/** The last mail. The address stands in the event itself, under a key that is destroyed when this mail has left. */
export function erasureMail(deps: MailJobDependencies): Job {
  return reactionJob('mail-erased', ['UserErased'], deps.eventStore, async (cause, context) => {
    const { userId, receiptId, at } = cause.event.data;
    await deps.sendEmail(
      {
        template: 'erased',
        cause,
        userId,
        recipient: async () => {
          const { email } = (await deps.personalData.open(cause)).event.data;
          return email === null ? undefined : { email, name: null, teamName: null };
        },
        render: () => renderMail(deps.texts.erased({ receiptId, at: new Date(at) }), deps.texts),
      },
      context,
    );
  });
}
