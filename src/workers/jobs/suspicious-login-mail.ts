import { placeName } from '../../application/places/place-name.ts';
import type { Recorded } from '../../application/ports.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Job } from '../job.ts';
import { mailJob, type MailJobDependencies } from '../mail-job.ts';
import { clientOf } from '../mails/causing-client.ts';
import { happening } from '../mails/client-facts.ts';

type Flagged = Recorded<EventOf<'LoginFlagged'>>;

const hourMs = 3_600_000;

/** Asks the owner whether a login was theirs. Both links lead to the same page, which asks for a click. */
export function suspiciousLoginMail(deps: MailJobDependencies): Job {
  const { personalData, tokens, publicUrl, texts } = deps;
  return mailJob(deps, {
    template: 'suspicious-login',
    causes: ['LoginFlagged'],
    prepare: async (cause) => {
      const { loginId, decisionId, signals, expiresAt, at } = cause.event.data;
      const { inputs } = (await personalData.open(cause)).event.data;
      const from = happening(inputs?.at ?? at, await clientOf(deps, cause));
      // The event's context names the country in English.
      const place = inputs?.place ? placeName(inputs.place, texts.language) : from.place;
      const token = tokens.issue('login-decision', [loginId, decisionId]);
      const link = (decision: string) =>
        `${publicUrl}/login-decision?token=${encodeURIComponent(token)}&decision=${decision}`;
      const links = { approveLink: link('approve'), denyLink: link('deny') };
      const hoursValid = Math.max(1, Math.round((Date.parse(expiresAt) - Date.parse(at)) / hourMs));
      return ({ name }) => texts.suspiciousLogin({ name, signals, hoursValid, ...links, ...from, place });
    },
    isWanted: async (cause) => deps.clock() < new Date(cause.event.data.expiresAt) && !(await isDecided(deps, cause)),
  });
}

async function isDecided({ eventStore }: MailJobDependencies, { stream, revision }: Flagged): Promise<boolean> {
  const { events } = await eventStore.readStream(stream, revision + 1n);
  return events.some(({ event }) => event.type === 'LoginApprovedByUser' || event.type === 'LoginDenied');
}
