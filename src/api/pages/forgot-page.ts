import type { Problem } from '../problem-details.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

const form = html`<form method="post" action="/forgot">
  <label for="email">Your e-mail address</label>
  <input id="email" name="email" type="email" autocomplete="username" maxlength="254" required />
  <button type="submit">Send me a link</button>
</form>`;

export const forgotPage = (): string =>
  page(
    'Choose a new password',
    html`<p>We send you a link to choose it with.</p>
      ${form}
      <p class="small">Your present password stays as it is until you have chosen another.</p>`,
  );

/** The same whether or not anybody has the address. */
export const resetAskedPage = (): string =>
  page(
    'Look into your mailbox',
    html`<p>If there is an account for this address, a link to choose a new password is on its way to it.</p>
      <p class="small">It works for an hour. At most three an hour are sent; only the newest one works.</p>`,
  );

const explanations: Readonly<Record<string, readonly [title: string, text: string]>> = {
  'urn:problem:invalid-request': ['That is not an e-mail address', 'Look for a typing error, and try again.'],
  'urn:problem:too-many-attempts': ['Too many requests', 'Too many links were asked for from here. Try again later.'],
  'urn:problem:cross-site-request': ['This did not come from our page', 'Enter your address here:'],
};

export function forgotProblemPage({ type, requestId }: Problem): string {
  const [title, text] = explanations[type] ?? [
    'That did not work just now',
    'Something on our side is busy or away. Try again in a moment.',
  ];
  return page(
    title,
    html`<p>${text}</p>
      ${form}
      <p class="small">If you ask for help, name this request: ${requestId}</p>`,
  );
}
