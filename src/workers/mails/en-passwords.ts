import { button, facts, heading, paragraph } from './content.ts';
import { chooseNewPassword, count, greeting, moment, product, whenAndWhere } from './en-phrases.ts';
import type { PasswordTexts } from './mail-texts.ts';

export const passwordTexts: PasswordTexts = {
  passwordReset: ({ name, link, minutesValid, ...happening }) => ({
    subject: `Choose a new password for ${product}`,
    preview: 'Somebody, probably you, asked for it.',
    blocks: [
      heading('Choose a new password'),
      paragraph(greeting(name)),
      paragraph(`A new password was asked for your ${product} account. Choose it here:`),
      button('Choose a new password', link),
      paragraph(
        `The link works once and for ${count(minutesValid, 'minute')}; only the newest one works. A new password ends all sessions.`,
      ),
      whenAndWhere(happening),
      paragraph('If you did not ask for this, ignore this mail: your password stays as it is.'),
    ],
    reason: `somebody, probably you, asked for a new password for your ${product} account.`,
  }),

  passwordChanged: ({ name, sessionKept, forgotLink, ...happening }) => ({
    subject: `Your ${product} password was changed`,
    preview: 'If this was not you, act now.',
    blocks: [
      heading('Your password was changed'),
      paragraph(greeting(name)),
      paragraph(
        `Your ${product} account has a new password. ${sessionKept ? 'All sessions but the one it was changed in' : 'All sessions'} have ended.`,
      ),
      whenAndWhere(happening),
      paragraph(
        'If this was you, there is nothing to do. If not, somebody has your former password or reads your mail: secure your mailbox, and choose a new password at once.',
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `the password of your ${product} account was changed.`,
  }),

  passwordChangeForced: ({ name, at, forgotLink }) => ({
    subject: `You have to choose a new ${product} password`,
    preview: 'Your sessions have ended.',
    blocks: [
      heading('Choose a new password'),
      paragraph(greeting(name)),
      paragraph(
        `To protect your ${product} account, your password has to be changed before you can sign in again. All your sessions have ended.`,
      ),
      chooseNewPassword(forgotLink),
      facts(['When', moment(at)]),
    ],
    reason: `the password of your ${product} account has to be changed.`,
  }),
};
