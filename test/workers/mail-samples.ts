import { happening } from '../../src/workers/mails/client-facts.ts';
import type { MailContent } from '../../src/workers/mails/content.ts';
import type { MailTexts } from '../../src/workers/mails/mail-texts.ts';
import { at, later, office } from './stories.ts';

const link = 'https://panel.example/verify?token=abc';
const name = 'Ada Lovelace';
const from = happening(at, office);
const when = new Date(at);
const until = new Date(later(900_000));
const forgotLink = 'https://panel.example/forgot';

export type Template = {
  [Name in keyof MailTexts]: MailTexts[Name] extends (about: never) => MailContent ? Name : never;
}[keyof MailTexts];

/** What every mail is about here: a template that is new does not compile without its line. */
const about: { readonly [Name in Template]: Parameters<MailTexts[Name]>[0] } = {
  verification: { name, team: 'Engines', link, hoursValid: 24 },
  invitation: { team: 'Engines', role: 'Developer', inviter: 'Charles Babbage', expiresAt: until, link },
  alreadyRegistered: { name, at: when, link },
  deviceCode: { name, code: '314159', minutesValid: 10, forgotLink, ...from },
  newDevice: { name, forgotLink, ...from },
  sessionSuperseded: { name, forgotLink, ...from },
  refreshTokenReused: { name, forgotLink, ...from },
  suspiciousLogin: {
    name,
    signals: ['new-country', 'impossible-travel', 'anonymising-network'],
    approveLink: `${link}&approve`,
    denyLink: `${link}&deny`,
    hoursValid: 1,
    ...from,
  },
  accountLocked: { name, until, onTrustedDevice: false, ...from },
  passwordReset: { name, link, minutesValid: 60, ...from },
  passwordChanged: { name, sessionKept: true, forgotLink, ...from },
  passwordChangeForced: { name, at: when, forgotLink },
  lockedByAdministrator: { name, at: when },
  accountDeactivated: { name, at: when },
  accountReactivated: { name, at: when, link },
  erased: { receiptId: '01997000-0000-7000-8000-00000000e5a5', at: when },
  memberRemoved: { name, team: 'Engines', by: 'Charles Babbage', at: when },
  teamClosed: { name, team: 'Engines', by: 'Charles Babbage', at: when },
  ownershipTransferred: {
    name,
    team: 'Engines',
    isNewOwner: true,
    other: 'Charles Babbage',
    roleAfter: 'Manager',
    at: when,
  },
  roleChanged: {
    name,
    team: 'Engines',
    from: 'Developer',
    to: 'Manager',
    isRetired: false,
    by: 'Charles Babbage',
    at: when,
  },
  invitationUndeliverable: { name, team: 'Engines', at: when },
  virtuozzoOutage: { name, team: 'Engines', at: when },
  virtuozzoSignInNeeded: { name, team: 'Engines', at: when },
  alertRaised: { alert: 'suspicious-logins', level: 'critical', value: 0.125, threshold: 0.1, at: when },
  alertCleared: { alert: 'suspicious-logins', value: 0.02, raisedAt: when, at: until },
};
export const templates = Object.keys(about) as Template[];

export const contentOf = (texts: MailTexts, template: Template): MailContent =>
  (texts[template] as (given: unknown) => MailContent)(about[template]);
