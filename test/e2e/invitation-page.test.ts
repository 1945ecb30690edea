import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, startBrowser, takeCookies } from './browser.ts';
import { startInviting, type Inviting } from './inviting.ts';
import { call, logIn, newPerson, password, startLogin, type Client } from './journey.ts';

describe.skipIf(chromiumPath === undefined)('the page of an invitation, in a browser without scripts', () => {
  let inviting: Inviting;
  let browser: Browser;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
    closing.push(() => browser.close());
    inviting = await startInviting();
    closing.push(() => inviting.stop());
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  async function withAccount(): Promise<{ client: Client; email: string }> {
    const [client, email] = [inviting.stack.client(), inviting.newAddress()];
    await newPerson(client, email);
    return { client, email };
  }

  /** A browser with the cookies of a session, as the panel's own login leaves them. */
  async function signedIn({ client, email }: { client: Client; email: string }): Promise<BrowserContext> {
    const context = await browser.newContext({ javaScriptEnabled: false });
    await logIn(client, email);
    const { body } = await startLogin(client, email, { transport: 'cookie' });
    const { loginId, loginToken, teams } = body as unknown as {
      loginId: string;
      loginToken: string;
      teams: { teamId: string }[];
    };
    const done = await call(client, 'POST', `/v1/logins/${loginId}/team`, {
      bearer: loginToken,
      body: { teamId: teams[0]?.teamId },
    });
    await takeCookies(context, inviting.stack.publicUrl, done.headers.getSetCookie());
    return context;
  }

  async function opened(context: BrowserContext, email: string): Promise<Page> {
    const token = await inviting.linkTo(email);
    const page = await context.newPage();
    await page.goto(`${inviting.stack.publicUrl}/invitations?token=${token}`);
    return page;
  }

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();
  const teamsOf = async ({ client, email }: { client: Client; email: string }) =>
    ((await startLogin(client, email)).body['teams'] as unknown[]).length;

  it('is accepted with one click where the invited person is signed in', async () => {
    const guest = await withAccount();
    await inviting.invited(guest.email);
    const context = await signedIn(guest);
    const page = await opened(context, guest.email);
    expect(await heading(page)).toBe('Join Bridge Works');
    expect(await page.getByRole('button').count()).toBe(1);
    await page.getByRole('button', { name: 'Join the team' }).click();
    expect(await heading(page)).toBe('You have joined Bridge Works');
    expect(page.url()).not.toContain('token=');
    expect(await teamsOf(guest)).toBe(2);
    await context.close();
  });

  it('says whom it is for where somebody else is signed in, who can sign out there and go on as that person', async () => {
    const other = await withAccount();
    const email = inviting.newAddress();
    await inviting.invited(email);
    const context = await signedIn(other);
    const page = await opened(context, email);
    expect(await page.textContent('main')).toContain('This invitation is for g***@example.com alone');
    expect(await page.textContent('main')).not.toContain(email);
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect((await context.cookies()).map(({ name }) => name).filter((name) => name !== '__Host-device')).toEqual([]);
    await page.getByLabel('Your name').fill('Bob Guest');
    await page.getByLabel('A password').fill(password);
    await page.getByRole('button', { name: 'Join the team' }).click();
    expect(await heading(page)).toBe('You have joined Bridge Works');
    expect(await teamsOf(other)).toBe(1);
    await context.close();
  });

  it('sends a person with an account to sign in, and takes them in when they come back', async () => {
    const guest = await withAccount();
    await inviting.invited(guest.email);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await opened(context, guest.email);
    expect(await page.textContent('main')).toContain('Sign in to accept');
    expect(await page.getByRole('button').count()).toBe(0);
    const back = await signedIn(guest);
    const again = await opened(back, guest.email);
    await again.getByRole('button', { name: 'Join the team' }).click();
    expect(await heading(again)).toBe('You have joined Bridge Works');
    await Promise.all([context.close(), back.close()]);
  });

  it('cannot be accepted by another site that knows the link', async () => {
    const guest = await withAccount();
    await inviting.invited(guest.email);
    const token = await inviting.linkTo(guest.email);
    const context = await signedIn(guest);
    const page = await context.newPage();
    const target = `${inviting.stack.publicUrl}/invitations/join`;
    const fields = `<input name="token" value="${token}"><input name="csrfToken" value="guessed">`;
    await page.route('https://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${target}">${fields}<button>Go</button></form>`,
      }),
    );
    await page.goto('https://evil.example/');
    await page.getByRole('button').click();
    await page.waitForURL(target);
    expect(await heading(page)).toBe('This did not come from our page');
    expect(await teamsOf(guest)).toBe(1);
    await context.close();
  });
});
