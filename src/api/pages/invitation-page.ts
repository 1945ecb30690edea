import type { InvitationPreview } from '../../application/invitations/preview-invitation.ts';
import type { Problem } from '../problem-details.ts';
import { html, type Html } from './html.ts';
import { page } from './layout.ts';
import { explainedPage, linkBroken, problemPages } from './problem-page.ts';

interface Opened {
  readonly token: string;
  /** Bound to the session of whoever is signed in in this browser. */
  readonly csrfToken: string | undefined;
}

/** Opening it uses nothing up: only the form does. */
export function invitationPage(opened: Opened, about: InvitationPreview): string {
  const { teamName, roleName, inviterName, maskedEmail, expiresAt } = about;
  const address = maskedEmail ?? 'your address';
  return page(
    `Join ${teamName}`,
    html`<p>${inviterName ?? 'Somebody'} invites ${address} to the team ${teamName}, with the role ${roleName}.</p>
      ${wayIn(opened, about, address)}
      <p class="small">
        Good until ${moment(expiresAt)}. If you do not want to join, close this page: nothing happens.
      </p>`,
  );
}

function wayIn({ token, csrfToken }: Opened, { viewer, hasAccount }: InvitationPreview, address: string): Html {
  if (csrfToken === undefined || viewer === 'nobody') return hasAccount ? signIn : newAccount(token);
  const fields = html`<input type="hidden" name="token" value="${token}" />
    <input type="hidden" name="csrfToken" value="${csrfToken}" />`;
  return viewer === 'invited' ? accept(fields) : switchAccount(fields, address);
}

const accept = (fields: Html): Html =>
  html`<p>You are signed in with this address.</p>
    <form method="post" action="/invitations/join">
      ${fields}
      <button type="submit">Join the team</button>
    </form>`;

const switchAccount = (fields: Html, address: string): Html =>
  html`<p class="problem">You are signed in here with another account. This invitation is for ${address} alone.</p>
    <p>Sign out here first; then this page says how to join with that address.</p>
    <form method="post" action="/invitations/sign-out">
      ${fields}
      <button type="submit">Sign out</button>
    </form>`;

const signIn = html`<p>
  This address has an account. Sign in to accept: in this browser, and then open the link in the e-mail again.
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

export const joinedAsUserPage = (teamName: string): string =>
  page(
    `You have joined ${teamName}`,
    html`<p>The team is among yours from now on: switch to it, or choose it when you next log in.</p>
      <p class="small">You may close this page.</p>`,
  );

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });
const moment = (time: string): string => `${format.format(new Date(time))} UTC`;

const openAgain = {
  title: 'You are not signed in here any more',
  text: 'Sign in again, and then open the link in the e-mail once more.',
};

const explained = problemPages({
  'invitation-token-invalid': linkBroken,
  'invalid-request': {
    title: 'Something is missing',
    text: 'Open the link in the e-mail, and fill in your name and a password there.',
  },
  'invitation-expired': {
    title: 'This invitation has expired',
    text: 'Invitations are good for seven days. Ask whoever invited you for a new one.',
  },
  'invitation-revoked': {
    title: 'This invitation is good no more',
    text: 'It was withdrawn, or a newer one has taken its place. Look for a newer e-mail, or ask whoever invited you.',
  },
  'invitation-used': {
    title: 'This invitation has been used',
    text: 'The account is there. You can log in.',
  },
  'invitation-for-another-address': {
    title: 'This invitation is for another address',
    text: 'Sign in with the account that has the address which was invited.',
  },
  'invitation-no-longer-valid': {
    title: 'This invitation cannot be honoured any more',
    text: 'The team, the role or the rights of whoever invited you have changed since. Ask the team for a new invitation.',
  },
  'already-member': {
    title: 'You are in this team already',
    text: 'There is nothing to do. You can log in.',
  },
  'sign-in-to-accept': {
    title: 'Sign in to accept',
    text: 'This address has an account. Sign in with it, and accept the invitation there.',
  },
  'session-required': openAgain,
  'csrf-token-invalid': openAgain,
});

export function invitationProblemPage(problem: Problem): string {
  if (problem.type !== 'urn:problem:password-not-acceptable') return explained(problem);
  const reasons = (problem.errors ?? []).map(({ detail }) => detail).join(', and ');
  return explainedPage(problem, {
    title: 'Choose another password',
    text: `It ${reasons}. Go back, and try another one.`,
  });
}
