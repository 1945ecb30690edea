import { button, facts, heading, paragraph } from './content.ts';
import { chooseNewPassword, count, greeting, moment, product, whenAndWhere } from './de-phrases.ts';
import type { PasswordTexts } from './mail-texts.ts';

export const passwordTexts: PasswordTexts = {
  passwordReset: ({ name, link, minutesValid, ...happening }) => ({
    subject: `Wählen Sie ein neues Passwort für ${product}`,
    preview: 'Jemand, vermutlich Sie, hat darum gebeten.',
    blocks: [
      heading('Neues Passwort wählen'),
      paragraph(greeting(name)),
      paragraph(`Für Ihr Konto bei ${product} wurde ein neues Passwort angefordert. Wählen Sie es hier:`),
      button('Neues Passwort wählen', link),
      paragraph(
        `Der Link gilt einmal und ${count(minutesValid, 'Minute', 'Minuten')} lang; nur der neueste gilt. Ein neues Passwort beendet alle Sitzungen.`,
      ),
      whenAndWhere(happening),
      paragraph(
        'Wenn Sie das nicht angefordert haben, beachten Sie diese Mail nicht: Ihr Passwort bleibt, wie es ist.',
      ),
    ],
    reason: `jemand, vermutlich Sie, ein neues Passwort für Ihr Konto bei ${product} angefordert hat.`,
  }),

  passwordChanged: ({ name, sessionKept, forgotLink, ...happening }) => ({
    subject: `Ihr Passwort für ${product} wurde geändert`,
    preview: 'Wenn Sie das nicht waren, handeln Sie jetzt.',
    blocks: [
      heading('Ihr Passwort wurde geändert'),
      paragraph(greeting(name)),
      paragraph(
        `Ihr Konto bei ${product} hat ein neues Passwort. ${sessionKept ? 'Alle Sitzungen außer der, in der es geändert wurde,' : 'Alle Sitzungen'} sind beendet.`,
      ),
      whenAndWhere(happening),
      paragraph(
        'Wenn Sie das waren, ist nichts zu tun. Wenn nicht, hat jemand Ihr früheres Passwort oder liest Ihre Mails: Sichern Sie Ihr Postfach, und wählen Sie sofort ein neues Passwort.',
      ),
      chooseNewPassword(forgotLink),
    ],
    reason: `das Passwort Ihres Kontos bei ${product} geändert wurde.`,
  }),

  passwordChangeForced: ({ name, at, forgotLink }) => ({
    subject: `Sie müssen ein neues Passwort für ${product} wählen`,
    preview: 'Ihre Sitzungen sind beendet.',
    blocks: [
      heading('Neues Passwort wählen'),
      paragraph(greeting(name)),
      paragraph(
        `Zum Schutz Ihres Kontos bei ${product} muss Ihr Passwort geändert werden, bevor Sie sich wieder anmelden können. Alle Ihre Sitzungen sind beendet.`,
      ),
      chooseNewPassword(forgotLink),
      facts(['Wann', moment(at)]),
    ],
    reason: `das Passwort Ihres Kontos bei ${product} geändert werden muss.`,
  }),
};
