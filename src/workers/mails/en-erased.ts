import { facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './en-phrases.ts';
import type { MailTexts } from './mail-texts.ts';

export const erased: MailTexts['erased'] = ({ receiptId, at }) => ({
  subject: `Your ${product} account is erased`,
  preview: 'Nothing personal is left of it.',
  blocks: [
    heading('Your account is erased'),
    paragraph(greeting(null)),
    paragraph(
      `Your ${product} account is gone: the sessions have ended, the key to everything personal that was recorded is destroyed, and this address can be used for a new account. The history keeps that something happened, but not who you were.`,
    ),
    facts(['Receipt', receiptId], ['When', moment(at)]),
    paragraph('This is the last mail. Once it has left, this address is forgotten too.'),
  ],
  reason: `the ${product} account with this address was erased.`,
});
