import { facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './de-phrases.ts';
import type { MailTexts } from './mail-texts.ts';

export const erased: MailTexts['erased'] = ({ receiptId, at }) => ({
  subject: `Ihr Konto bei ${product} ist gelöscht`,
  preview: 'Nichts Persönliches ist davon übrig.',
  blocks: [
    heading('Ihr Konto ist gelöscht'),
    paragraph(greeting(null)),
    paragraph(
      `Ihr Konto bei ${product} gibt es nicht mehr: Die Sitzungen sind beendet, der Schlüssel zu allem Persönlichen, das aufgezeichnet wurde, ist vernichtet, und mit dieser Adresse kann ein neues Konto eröffnet werden. Die Aufzeichnungen zeigen noch, dass etwas geschah, aber nicht mehr, wer Sie waren.`,
    ),
    facts(['Beleg', receiptId], ['Wann', moment(at)]),
    paragraph('Dies ist die letzte Mail. Sobald sie abgeschickt ist, ist auch diese Adresse vergessen.'),
  ],
  reason: `das Konto bei ${product} mit dieser Adresse gelöscht wurde.`,
});
