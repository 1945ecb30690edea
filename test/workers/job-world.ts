import { randomUUID } from 'node:crypto';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { sendEmail } from '../../src/application/emails/send-email.ts';
import type { Context, Mail, Recorded } from '../../src/application/ports.ts';
import type { Job } from '../../src/workers/job.ts';
import { followUpJobs, type FollowUps } from '../../src/workers/jobs/follow-ups.ts';
import { mailJobs } from '../../src/workers/jobs/mails.ts';
import { en } from '../../src/workers/mails/en.ts';
import type { MailTexts } from '../../src/workers/mails/mail-texts.ts';
import { jobsFor } from '../../src/workers/reactions.ts';
import { later, personalData, tokens } from './stories.ts';

type Call = readonly [useCase: string, request: unknown, context: Context];

/** Where mails about alerts go. */
export const operators = 'operators@example.com';

/** All jobs over a memory log; what they did can be looked at. */
export function jobWorld(now: () => Date = () => new Date(later(1000)), texts: MailTexts = en) {
  const eventStore = memoryEventStore({ clock: now });
  const calls: Call[] = [];
  const called = (useCase: string) => (request: unknown, context: Context) => {
    calls.push([useCase, request, context]);
    return Promise.resolve();
  };
  const followUps: FollowUps = {
    completeRegistration: called('completeRegistration'),
    requestVerification: called('requestVerification'),
    completeVerification: called('completeVerification'),
    completeInvitedRegistration: called('completeInvitedRegistration'),
    completeAcceptance: called('completeAcceptance'),
    trustDevice: called('trustDevice'),
    endDeviceSessions: called('endDeviceSessions'),
    completeLogin: called('completeLogin'),
    checkLoginPlace: called('checkLoginPlace'),
    settleLogin: called('settleLogin'),
    rememberLoginPlace: called('rememberLoginPlace'),
    refreshSessionCache: called('refreshSessionCache'),
    followTeam: called('followTeam'),
    followTeamPolicy: called('followTeamPolicy'),
    followTeamClosing: called('followTeamClosing'),
    announceCurrentTeam: called('announceCurrentTeam'),
    forgetRegistration: called('forgetRegistration'),
    issuePasswordReset: called('issuePasswordReset'),
    completePasswordChange: called('completePasswordChange'),
    endSessionsBefore: called('endSessionsBefore'),
    appointAdministrator: called('appointAdministrator'),
    completeErasure: called('completeErasure'),
    forgetErasure: called('forgetErasure') as FollowUps['forgetErasure'],
  };
  const mails: Mail[] = [];
  const mailer = {
    send: (mail: Mail) => {
      mails.push(mail);
      return Promise.resolve({ kind: 'sent', providerMessageId: randomUUID() } as const);
    },
    acceptsUs: () => Promise.resolve(true),
    find: () => Promise.resolve(undefined),
  };
  const send = sendEmail({ eventStore, personalData, tokens, mailer, clock: now, newId: randomUUID });
  const jobs: Record<string, Job> = {
    ...followUpJobs(eventStore, followUps),
    ...mailJobs({
      eventStore,
      personalData,
      sendEmail: send,
      tokens,
      clock: now,
      publicUrl: 'https://panel.example',
      texts,
      alertMailTo: operators,
    }),
  };
  /** Every job of the event, twice. */
  const react = async (recorded: Recorded) => {
    for (const { name, payload } of [...jobsFor(recorded), ...jobsFor(recorded)]) await jobs[name]?.run(payload);
  };
  return { eventStore, calls, mails, jobs, react };
}
