import { html } from './html.ts';
import { page } from './layout.ts';
import { linkBroken, problemPages, type Explanation } from './problem-page.ts';

/** The form; after an attempt that was refused, with the reasons. */
export function resetPage(token: string, reasons: readonly string[] = []): string {
  const refused =
    reasons.length === 0
      ? html``
      : html`<p role="alert" class="problem">That password is not good enough:</p>
          <ul class="problem">
            ${reasons.map((reason) => html`<li>It ${reason}.</li>`)}
          </ul>`;
  return page(
    'Choose a new password',
    html`${refused}
      <form method="post" action="/reset">
        <input type="hidden" name="token" value="${token}" />
        <label for="password">New password</label>
        <input id="password" name="password" type="password" autocomplete="new-password" required />
        <button type="submit">Set this password</button>
      </form>
      <p class="small">
        At least 12 characters, of any kind: a few words that do not belong together are good. You are signed out
        everywhere.
      </p>`,
  );
}

export const passwordChangedPage = (): string =>
  page(
    'Your password is changed',
    html`<p>All your sessions have ended. Log in with the new password.</p>
      <p class="small">You may close this page.</p>`,
  );

const askAgain = html`<p><a href="/forgot">Ask for a new link</a></p>`;

const brokenReset: Explanation = {
  ...linkBroken,
  text: html`<p>${linkBroken.text} If that does not help:</p>
    ${askAgain}`,
};

export const resetProblemPage = problemPages({
  'reset-token-invalid': brokenReset,
  'invalid-request': brokenReset,
  'reset-token-used': {
    title: 'This link has been used, or a newer one was sent',
    text: html`<p>A link works once, and only the newest one.</p>
      ${askAgain}`,
  },
  'reset-token-expired': {
    title: 'This link is too old',
    text: html`<p>Links work for an hour.</p>
      ${askAgain}`,
  },
  'payload-too-large': {
    title: 'This password is too long',
    text: 'It may have at most 128 characters. Go back, and choose a shorter one; your link is still good.',
  },
  'cross-site-request': {
    title: 'This did not come from our page',
    text: 'Open the link in the e-mail, and choose the password there.',
  },
});
