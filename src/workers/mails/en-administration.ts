import { button, facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './en-phrases.ts';
import type { AdministrationTexts } from './mail-texts.ts';

export const administrationTexts: AdministrationTexts = {
  lockedByAdministrator: ({ name, at }) => ({
    subject: `Your ${product} account was locked by an administrator`,
    preview: 'Your sessions have ended.',
    blocks: [
      heading('Your account is locked'),
      paragraph(greeting(name)),
      paragraph(
        `An administrator of ${product} has locked your account. All your sessions have ended, and nobody can sign in until an administrator unlocks it.`,
      ),
      facts(['When', moment(at)]),
      paragraph('If you do not know why, ask your administrator.'),
    ],
    reason: `your ${product} account was locked.`,
  }),

  accountDeactivated: ({ name, at }) => ({
    subject: `Your ${product} account was deactivated`,
    preview: 'Your sessions have ended.',
    blocks: [
      heading('Your account is deactivated'),
      paragraph(greeting(name)),
      paragraph(
        `An administrator of ${product} has deactivated your account. All your sessions have ended, and you cannot sign in until it is activated again. Nothing of yours was deleted.`,
      ),
      facts(['When', moment(at)]),
      paragraph('If you do not know why, ask your administrator.'),
    ],
    reason: `your ${product} account was deactivated.`,
  }),

  accountReactivated: ({ name, at, link }) => ({
    subject: `Your ${product} account is active again`,
    preview: 'You can sign in again.',
    blocks: [
      heading('Your account is active again'),
      paragraph(greeting(name)),
      paragraph(`An administrator of ${product} has activated your account again. Sign in as you did before.`),
      button('Sign in', link),
      facts(['When', moment(at)]),
    ],
    reason: `your ${product} account was activated again.`,
  }),
};
