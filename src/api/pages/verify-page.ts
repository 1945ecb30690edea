import { html } from './html.ts';
import { page } from './layout.ts';
import { linkBroken, problemPages } from './problem-page.ts';

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

export const verifyProblemPage = problemPages({
  'verification-token-invalid': linkBroken,
  'invalid-request': linkBroken,
  'verification-token-used': {
    title: 'This link has been used',
    text: 'Your address is confirmed already. You can log in.',
  },
  'verification-token-expired': {
    title: 'This link is too old',
    text: 'Links work for 24 hours. Ask for a new one where you tried to log in or to register.',
  },
});
