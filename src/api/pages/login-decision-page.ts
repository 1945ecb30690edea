import { html, type Html } from './html.ts';
import { page } from './layout.ts';
import { linkBroken, problemPages } from './problem-page.ts';

type Decision = 'approve' | 'deny';

interface Question {
  readonly token: string;
  /** What the link was for: its button comes first. */
  readonly preferred: Decision | undefined;
  readonly device: string | null;
  readonly place: string | null;
  readonly ip: string | null;
  readonly at: string;
}

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });

/** Asks for a click, because mail scanners open links but send no forms. */
export function decisionPage({ token, preferred, device, place, ip, at }: Question): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['When', `${moment.format(new Date(at))} UTC`],
    ['Device', device],
    ['Place', place],
    ['Address', ip],
  ];
  const items = facts.flatMap(([label, value]) => (value === null ? [] : [html`<li>${label}: ${value}</li>`]));
  const approve = buttonFor(token, 'approve', 'Yes, let it in');
  const deny = buttonFor(token, 'deny', 'No, that was not me');
  return page(
    'Was this you?',
    html`<p>Somebody signed in to your account with your password:</p>
      <ul>
        ${items}
      </ul>
      ${preferred === 'deny' ? [deny, approve] : [approve, deny]}
      <p class="small">
        If you say no, everybody who is signed in to your account is signed out, and you choose a new password when you
        next sign in.
      </p>`,
  );
}

const buttonFor = (token: string, decision: Decision, label: string): Html =>
  html`<form method="post" action="/login-decision">
    <input type="hidden" name="token" value="${token}" />
    <input type="hidden" name="decision" value="${decision}" />
    <button type="submit">${label}</button>
  </form>`;

export const decidedPage = (decision: Decision): string =>
  decision === 'approve'
    ? page('Approved', html`<p>The sign-in goes on where it was begun. You may close this page.</p>`)
    : page(
        'Denied',
        html`<p>
            That sign-in is over, and so is every other one to your account. Sign in again to choose a new password.
          </p>
          <p class="small">If you use the old password anywhere else, change it there too.</p>`,
      );

export const decisionProblemPage = problemPages({
  'login-decision-invalid': linkBroken,
  'invalid-request': linkBroken,
  'login-decision-used': {
    title: 'This sign-in has been decided',
    text: 'You, or somebody who reads your mail, has approved or denied it already.',
  },
  'login-decision-expired': {
    title: 'This link is too old',
    text: 'Links work for an hour. The sign-in has not got in; if it was yours, sign in again. If it was not, choose a new password.',
  },
});
