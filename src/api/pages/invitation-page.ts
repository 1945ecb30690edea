import type { InvitationPreview } from '../../application/invitations/preview-invitation.ts';
import type { Problem } from '../problem-details.ts';
import { html, type Html } from './html.ts';
import { page } from './layout.ts';

/** Opening it uses nothing up: only the form does. */
export function invitationPage(token: string, about: InvitationPreview): string {
  const { teamName, roleName, inviterName, maskedEmail, hasAccount, expiresAt } = about;
  const address = maskedEmail ?? 'your address';
  return page(
    `Join ${teamName}`,
    html`<p>${inviterName ?? 'Somebody'} invites ${address} to the team ${teamName}, with the role ${roleName}.</p>
      ${hasAccount ? signIn : newAccount(token)}
      <p class="small">
        Good until ${moment(expiresAt)}. If you do not want to join, close this page: nothing happens.
      </p>`,
  );
}

const signIn: Html = html`<p>
  This address has an account. Sign in to accept: with your session, send the token of this link to
  <code>POST /v1/invitations/accept</code>.
</p>`;

const newAccount = (token: string): Html =>
  html`<form method="post" action="/invitations">
    <input type="hidden" name="token" value="${token}" />
    <label>Your name <input name="name" autocomplete="name" required maxlength="100" /></label>
    <label
      >A password, at least 12 characters
      <input name="password" type="password" autocomplete="new-password" required minlength="12" maxlength="128" />
    </label>
    <button type="submit">Join the team</button>
  </form>`;

export const joinedPage = (teamName: string): string =>
  page(
    `You have joined ${teamName}`,
    html`<p>Your account is ready. You can log in now.</p>
      <p class="small">You may close this page.</p>`,
  );

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });
const moment = (time: string): string => `${format.format(new Date(time))} UTC`;

interface Explanation {
  readonly title: string;
  readonly text: string;
}

const linkBroken: Explanation = {
  title: 'This link does not work',
  text: 'It is not complete, or it is not one of ours. Open the link in the e-mail again, or copy all of it.',
};

const tryAgain: Explanation = {
  title: 'That did not work just now',
  text: 'Something on our side is busy or away. Go back and try again in a moment; your link is still good.',
};

const explanations: Readonly<Record<string, Explanation>> = {
  'urn:problem:invitation-token-invalid': linkBroken,
  'urn:problem:invalid-request': {
    title: 'Something is missing',
    text: 'Open the link in the e-mail, and fill in your name and a password there.',
  },
  'urn:problem:invitation-expired': {
    title: 'This invitation has expired',
    text: 'Invitations are good for seven days. Ask whoever invited you for a new one.',
  },
  'urn:problem:invitation-revoked': {
    title: 'This invitation is good no more',
    text: 'It was withdrawn, or a newer one has taken its place. Look for a newer e-mail, or ask whoever invited you.',
  },
  'urn:problem:invitation-used': {
    title: 'This invitation has been used',
    text: 'The account is there. You can log in.',
  },
  'urn:problem:invitation-for-another-address': {
    title: 'This invitation is for another address',
    text: 'Sign in with the account that has the address which was invited.',
  },
  'urn:problem:invitation-no-longer-valid': {
    title: 'This invitation cannot be honoured any more',
    text: 'The team, the role or the rights of whoever invited you have changed since. Ask the team for a new invitation.',
  },
  'urn:problem:already-member': {
    title: 'You are in this team already',
    text: 'There is nothing to do. You can log in.',
  },
  'urn:problem:sign-in-to-accept': {
    title: 'Sign in to accept',
    text: 'This address has an account. Sign in with it, and accept the invitation there.',
  },
  'urn:problem:cross-site-request': {
    title: 'This did not come from our page',
    text: 'Open the link in the e-mail, and press the button there.',
  },
};

export function invitationProblemPage(problem: Problem): string {
  const { type, requestId } = problem;
  const { title, text } = type === passwordProblem ? unacceptable(problem) : (explanations[type] ?? tryAgain);
  return page(
    title,
    html`<p>${text}</p>
      <p class="small">If you ask for help, name this request: ${requestId}</p>`,
  );
}

const passwordProblem = 'urn:problem:password-not-acceptable';

function unacceptable({ errors = [] }: Problem): Explanation {
  const reasons = errors.map(({ detail }) => detail).join(', and ');
  return { title: 'Choose another password', text: `It ${reasons}. Go back, and try another one.` };
}
