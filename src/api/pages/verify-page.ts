import type { Problem } from '../problem-details.ts';
import { html, type Html } from './html.ts';
import { page } from './layout.ts';

/** Asks for a click, because mail scanners open links but send no forms. */
export const verifyPage = (token: string): string =>
  page(
    'Confirm your address',
    html`<p>One click, and your address is confirmed and your team is ready.</p>
      <form method="post" action="/verify">
        <input type="hidden" name="token" value="${token}" />
        <button type="submit">Confirm my address</button>
      </form>
      <p class="small">If you did not ask for an account, close this page: nothing happens.</p>`,
  );

export const verifiedPage = (): string =>
  page(
    'Your address is confirmed',
    html`<p>You can log in now.</p>
      <p class="small">You may close this page.</p>`,
  );

interface Explanation {
  readonly title: string;
  readonly text: Html;
}

const linkBroken: Explanation = {
  title: 'This link does not work',
  text: html`<p>
    It is not complete, or it is not one of ours. Open the link in the e-mail again, or copy all of it.
  </p>`,
};

const tryAgain: Explanation = {
  title: 'That did not work just now',
  text: html`<p>
    Something on our side is busy or away. Go back and press the button again in a moment; your link is still good.
  </p>`,
};

const explanations: Readonly<Record<string, Explanation>> = {
  'urn:problem:verification-token-invalid': linkBroken,
  'urn:problem:invalid-request': linkBroken,
  'urn:problem:verification-token-used': {
    title: 'This link has been used',
    text: html`<p>Your address is confirmed already. You can log in.</p>`,
  },
  'urn:problem:verification-token-expired': {
    title: 'This link is too old',
    text: html`<p>Links work for 24 hours. Ask for a new one where you tried to log in or to register.</p>`,
  },
  'urn:problem:cross-site-request': {
    title: 'This did not come from our page',
    text: html`<p>Open the link in the e-mail, and press the button there.</p>`,
  },
};

export function verifyProblemPage({ type, requestId }: Problem): string {
  const { title, text } = explanations[type] ?? tryAgain;
  return page(
    title,
    html`${text}
      <p class="small">If you ask for help, name this request: ${requestId}</p>`,
  );
}
