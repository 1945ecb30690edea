import { button, facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './de-phrases.ts';
import type { AdministrationTexts } from './mail-texts.ts';

export const administrationTexts: AdministrationTexts = {
  lockedByAdministrator: ({ name, at }) => ({
    subject: `Ihr Konto bei ${product} wurde gesperrt`,
    preview: 'Ihre Sitzungen sind beendet.',
    blocks: [
      heading('Ihr Konto ist gesperrt'),
      paragraph(greeting(name)),
      paragraph(
        `Die Verwaltung von ${product} hat Ihr Konto gesperrt. Alle Ihre Sitzungen sind beendet, und niemand kann sich anmelden, bis sie es wieder freigibt.`,
      ),
      facts(['Wann', moment(at)]),
      paragraph('Wenn Sie den Grund nicht kennen, fragen Sie dort nach.'),
    ],
    reason: `Ihr Konto bei ${product} gesperrt wurde.`,
  }),

  accountDeactivated: ({ name, at }) => ({
    subject: `Ihr Konto bei ${product} wurde stillgelegt`,
    preview: 'Ihre Sitzungen sind beendet.',
    blocks: [
      heading('Ihr Konto ist stillgelegt'),
      paragraph(greeting(name)),
      paragraph(
        `Die Verwaltung von ${product} hat Ihr Konto stillgelegt. Alle Ihre Sitzungen sind beendet, und Sie können sich nicht anmelden, bis es wieder freigegeben ist. Gelöscht wurde nichts.`,
      ),
      facts(['Wann', moment(at)]),
      paragraph('Wenn Sie den Grund nicht kennen, fragen Sie dort nach.'),
    ],
    reason: `Ihr Konto bei ${product} stillgelegt wurde.`,
  }),

  accountReactivated: ({ name, at, link }) => ({
    subject: `Ihr Konto bei ${product} ist wieder aktiv`,
    preview: 'Sie können sich wieder anmelden.',
    blocks: [
      heading('Ihr Konto ist wieder aktiv'),
      paragraph(greeting(name)),
      paragraph(`Die Verwaltung von ${product} hat Ihr Konto wieder freigegeben. Melden Sie sich an wie zuvor.`),
      button('Anmelden', link),
      facts(['Wann', moment(at)]),
    ],
    reason: `Ihr Konto bei ${product} wieder freigegeben wurde.`,
  }),
};
