import type { Problem } from '../problem-details.ts';
import { html, type Html } from './html.ts';
import { page } from './layout.ts';

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

interface Explanation {
  readonly title: string;
  readonly text: Html;
}

const askAgain = html`<a href="/forgot">Ask for a new link</a>`;

const linkBroken: Explanation = {
  title: 'This link does not work',
  text: html`<p>
      It is not complete, or it is not one of ours. Open the link in the e-mail again, or copy all of it. If that does
      not help:
    </p>
    <p>${askAgain}</p>`,
};

const tryAgain: Explanation = {
  title: 'That did not work just now',
  text: html`<p>
    Something on our side is busy or away. Go back and press the button again in a moment; your link is still good.
  </p>`,
};

const explanations: Readonly<Record<string, Explanation>> = {
  'urn:problem:reset-token-invalid': linkBroken,
  'urn:problem:invalid-request': linkBroken,
  'urn:problem:reset-token-used': {
    title: 'This link has been used, or a newer one was sent',
    text: html`<p>A link works once, and only the newest one.</p>
      <p>${askAgain}</p>`,
  },
  'urn:problem:reset-token-expired': {
    title: 'This link is too old',
    text: html`<p>Links work for an hour.</p>
      <p>${askAgain}</p>`,
  },
  'urn:problem:payload-too-large': {
    title: 'This password is too long',
    text: html`<p>It may have at most 128 characters. Go back, and choose a shorter one; your link is still good.</p>`,
  },
  'urn:problem:cross-site-request': {
    title: 'This did not come from our page',
    text: html`<p>Open the link in the e-mail, and choose the password there.</p>`,
  },
};

export function resetProblemPage({ type, requestId }: Problem): string {
  const { title, text } = explanations[type] ?? tryAgain;
  return page(
    title,
    html`${text}
      <p class="small">If you ask for help, name this request: ${requestId}</p>`,
  );
}
