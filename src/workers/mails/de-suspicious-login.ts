import type { LoginRiskSignal } from '../../domain/geo-check/events.ts';
import { button, heading, paragraph } from './content.ts';
import { count, greeting, product, whenAndWhere } from './de-phrases.ts';
import type { MailTexts } from './mail-texts.ts';

export const suspiciousLogin: MailTexts['suspiciousLogin'] = ({
  name,
  signals,
  approveLink,
  denyLink,
  hoursValid,
  ...happening
}) => ({
  subject: `Haben Sie sich bei ${product} angemeldet?`,
  preview: 'Eine Anmeldung mit Ihrem Passwort ist ungewöhnlich.',
  blocks: [
    heading('Waren Sie das?'),
    paragraph(greeting(name)),
    paragraph(`Jemand hat sich mit Ihrem Passwort bei Ihrem Konto angemeldet, und ${unusual(signals)}.`),
    whenAndWhere(happening),
    paragraph('Wenn Sie das waren, bestätigen Sie es. Bis dahin kommt die Anmeldung nicht hinein.'),
    button('Anmeldung bestätigen', approveLink),
    paragraph(
      'Wenn nicht, lehnen Sie sie ab. Alle, die bei Ihrem Konto angemeldet sind, werden abgemeldet, und Sie wählen bei der nächsten Anmeldung ein neues Passwort.',
    ),
    button('Anmeldung ablehnen', denyLink),
    paragraph(
      `Jeder der Links gilt einmal, ${count(hoursValid, 'Stunde', 'Stunden')} lang, und bittet auf der Seite, die er öffnet, um einen Klick.`,
    ),
  ],
  reason: `eine Anmeldung bei Ihrem Konto bei ${product} ungewöhnlich ist.`,
});

const oddities: Readonly<Record<LoginRiskSignal, string>> = {
  'new-country': 'sie kam aus einem Land, aus dem Sie sich noch nie angemeldet haben',
  'impossible-travel': 'so schnell reist niemand von dort, wo Sie sich zuletzt angemeldet haben',
  'anonymising-network': 'sie kam durch ein Netz, das verbirgt, wo jemand ist',
};

function unusual(signals: readonly LoginRiskSignal[]): string {
  return signals.map((signal) => oddities[signal]).join(', und ');
}
