import type { LoginRiskSignal } from '../../domain/geo-check/events.ts';
import { button, heading, paragraph } from './content.ts';
import { count, greeting, product, whenAndWhere } from './en-phrases.ts';
import type { MailTexts } from './mail-texts.ts';

export const suspiciousLogin: MailTexts['suspiciousLogin'] = ({
  name,
  signals,
  approveLink,
  denyLink,
  hoursValid,
  ...happening
}) => ({
  subject: `Was it you who signed in to ${product}?`,
  preview: 'A sign-in with your password looks unusual.',
  blocks: [
    heading('Was this you?'),
    paragraph(greeting(name)),
    paragraph(`Somebody signed in to your account with your password, and ${unusual(signals)}.`),
    whenAndWhere(happening),
    paragraph('If it was you, approve it. Until then it does not get in.'),
    button('Approve this sign-in', approveLink),
    paragraph(
      'If it was not you, deny it. Everybody who is signed in to your account is signed out, and you choose a new password when you next sign in.',
    ),
    button('Deny this sign-in', denyLink),
    paragraph(`Either link works once, for ${count(hoursValid, 'hour')}, and asks for a click on the page it opens.`),
  ],
  reason: `a sign-in to your ${product} account looks unusual.`,
});

const oddities: Readonly<Record<LoginRiskSignal, string>> = {
  'new-country': 'it came from a country that you have not signed in from before',
  'impossible-travel': 'nobody travels that fast from where you last signed in',
  'anonymising-network': 'it came through a network that hides where people are',
};

function unusual(signals: readonly LoginRiskSignal[]): string {
  return signals.map((signal) => oddities[signal]).join(', and ');
}
