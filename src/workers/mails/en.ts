import { button, code, facts, heading, paragraph } from './content.ts';
import { erased } from './en-erased.ts';
import { administrationTexts } from './en-administration.ts';
import { operationTexts } from './en-operations.ts';
import { passwordTexts } from './en-passwords.ts';
import { suspiciousLogin } from './en-suspicious-login.ts';
import { chooseNewPassword, count, greeting, moment, product, whenAndWhere } from './en-phrases.ts';
import { teamTexts } from './en-teams.ts';
import type { MailTexts } from './mail-texts.ts';

export const en: MailTexts = {
  language: 'en',
  product,
  because: (reason) => `You get this mail because ${reason}`,
  automatic: 'It was sent automatically; nobody reads replies to it.',

  verification: ({ name, team, link, hoursValid }) => ({
    subject: `Confirm your e-mail address for ${product}`,
    preview: 'One click and your account is ready.',
    blocks: [
      heading('Confirm your e-mail address'),
      paragraph(greeting(name)),
      paragraph(
        `You asked for a ${product} account${team === null ? '' : ` with the team “${team}”`}. Confirm that this address is yours, and the account and the team are ready.`,
      ),
      button('Confirm my address', link),
      paragraph(
        `The link works once and for ${count(hoursValid, 'hour')}. If you did not ask for this, ignore this mail: without the click there is no account.`,
      ),
    ],
    reason: `somebody, probably you, entered this address to register for ${product}.`,
  }),

  invitation: ({ team, role, inviter, expiresAt, link }) => ({
    subject: `You are invited to ${team === null ? `a team on ${product}` : `the team “${team}” on ${product}`}`,
    preview: inviter === null ? 'Somebody invited you.' : `${inviter} invited you.`,
    blocks: [
      heading('You are invited'),
      paragraph(greeting(null)),
      paragraph(
        `${inviter ?? 'Somebody'} invites you to work in ${team === null ? 'a team' : `the team “${team}”`} on ${product}. See what it is about, and accept if you like.`,
      ),
      button('See the invitation', link),
      facts(['Team', team], ['Your role', role], ['Invited by', inviter], ['Good until', moment(expiresAt)]),
      paragraph(
        'The link works once and for this address only. If you do not know what this is about, ignore this mail: nothing happens without you.',
      ),
    ],
    reason: `somebody entered this address to invite you to a team on ${product}.`,
  }),

  alreadyRegistered: ({ name, at, link }) => ({
    subject: `You already have an ${product} account`,
    preview: 'Somebody tried to register with your address.',
    blocks: [
      heading('You already have an account'),
      paragraph(greeting(name)),
      paragraph(
        `Somebody tried to register for ${product} with this address, which already has an account. If that was you, sign in with your existing password.`,
      ),
      button('Sign in', link),
      facts(['When', moment(at)]),
      paragraph('If it was not you, there is nothing to do: nobody got in, and nothing has changed.'),
    ],
    reason: `somebody entered this address to register for ${product}, and it belongs to your account.`,
  }),

  deviceCode: ({ name, code: digits, minutesValid, forgotLink, ...happening }) => ({
    subject: `Your ${product} sign-in code`,
    preview: `Valid for ${count(minutesValid, 'minute')}.`,
    blocks: [
      heading('Your sign-in code'),
      paragraph(greeting(name)),
      paragraph('You are signing in on a device that we do not know yet. Enter this code there:'),
      code(digits),
      paragraph(`It is valid for ${count(minutesValid, 'minute')}. Never give it to anybody: we will not ask for it.`),
      whenAndWhere(happening),
      paragraph(
        `If this is not you, somebody knows your password. Without the code they cannot get in, but you should choose a new one.`,
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `somebody signed in to your ${product} account with the right password on a new device.`,
  }),

  newDevice: ({ name, forgotLink, ...happening }) => ({
    subject: `A new device can sign in to your ${product} account`,
    preview: 'A code from your mail was entered on a new device.',
    blocks: [
      heading('New device'),
      paragraph(greeting(name)),
      paragraph('A device was confirmed with a code that we mailed to you, and will not be asked for one again.'),
      whenAndWhere(happening),
      paragraph(
        `If this was you, there is nothing to do. If not, somebody has your password and reads your mail: secure your mailbox first, and then choose a new password, which ends all sessions.`,
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `a new device was confirmed for your ${product} account.`,
  }),

  sessionSuperseded: ({ name, forgotLink, ...happening }) => ({
    subject: `You were signed out of ${product} by a new sign-in`,
    preview: 'Your account was signed in to elsewhere.',
    blocks: [
      heading('Signed in elsewhere'),
      paragraph(greeting(name)),
      paragraph(
        'There was a new sign-in to your account. Only one session can be active at a time, so the earlier one has ended.',
      ),
      whenAndWhere(happening),
      paragraph(
        `If this was you, there is nothing to do. If not, somebody has got in: choose a new password, which ends their session too.`,
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `a session of your ${product} account was ended by a new sign-in.`,
  }),

  refreshTokenReused: ({ name, forgotLink, ...happening }) => ({
    subject: `We ended your ${product} session to protect you`,
    preview: 'Your session may have been copied.',
    blocks: [
      heading('We ended your session'),
      paragraph(greeting(name)),
      paragraph(
        'A key of your session that was no longer valid was used again. That happens when a session is copied to another machine, so we ended it everywhere.',
      ),
      whenAndWhere(happening),
      paragraph(
        `Sign in again to go on. If you have not moved or restored a browser profile lately, check your devices for unwanted programs, and choose a new password.`,
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `we ended a session of your ${product} account.`,
  }),

  accountLocked: ({ name, until, onTrustedDevice, ...happening }) => ({
    subject: `Your ${product} account is locked for a while`,
    preview: 'Too many wrong passwords in a row.',
    blocks: [
      heading('Your account is locked'),
      paragraph(greeting(name)),
      paragraph(
        `Somebody entered a wrong password too many times in a row. Until the lock ends, nobody can sign in ${onTrustedDevice ? 'on the device where that happened. Other devices are not affected.' : 'on a new device. The devices that you have confirmed before are not affected.'}`,
      ),
      facts(['Locked until', moment(until)]),
      paragraph('The last attempt:'),
      whenAndWhere(happening),
      paragraph(
        'If it was you, wait and try again. If it was not you, your password has not been guessed; the lock is what stops that. Make sure you use it nowhere else.',
      ),
    ],
    reason: `there were too many failed sign-ins to your ${product} account.`,
  }),

  ...operationTexts,
  ...passwordTexts,
  ...teamTexts,
  ...administrationTexts,
  erased,
  suspiciousLogin,
};
