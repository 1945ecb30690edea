import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, startBrowser } from './browser.ts';
import { call, mailTo, register, startLogin, tokenIn, type Client } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { address } from './steps.ts';

const noBrowser = chromiumPath === undefined;
if (noBrowser) process.stderr.write('The browser tests are skipped: there is no chromium on the PATH.\n');

describe.skipIf(noBrowser)('the page that the verification link opens', () => {
  let stack: Stack;
  let browser: Browser;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
    closing.push(() => browser.close());
    stack = await startStack();
    closing.push(() => stack.stop());
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  /** Without scripts, as the page promises to work; what it complained of, and whom it asked. */
  async function visitor() {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const [complaints, origins]: [string[], Set<string>] = [[], new Set()];
    context.on('console', (message) => complaints.push(message.text()));
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('request', (request) => origins.add(new URL(request.url()).origin));
    context.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    return { context, complaints, origins };
  }

  async function registered(): Promise<{ client: Client; email: string; token: string; link: string }> {
    const [client, email] = [stack.client(), address()];
    await register(client, email);
    const token = tokenIn(await mailTo(client, email, 'verification'));
    return { client, email, token, link: `${stack.publicUrl}/verify?token=${token}` };
  }

  const press = (page: Page) => page.getByRole('button', { name: 'Confirm my address' }).click();
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();

  async function linkFromMailbox(context: BrowserContext, email: string): Promise<Page> {
    const mailbox = await context.newPage();
    await mailbox.goto(`${stack.mailboxUrl}/?to=${encodeURIComponent(email)}`);
    const opened = context.waitForEvent('page');
    await mailbox.getByRole('link', { name: 'Confirm my address' }).first().click();
    const page = await opened;
    await page.waitForLoadState();
    return page;
  }

  it('confirms the address of a person who clicks in the mailbox and presses the button', async () => {
    const { client, email } = await registered();
    const { context, complaints, origins } = await visitor();
    const page = await linkFromMailbox(context, email);
    expect(await heading(page)).toBe('Confirm your address');
    expect(await page.getByRole('button').count()).toBe(1);
    await press(page);
    expect(await heading(page)).toBe('Your address is confirmed');
    expect(page.url()).not.toContain('token=');
    expect((await startLogin(client, email)).status).toBe(200);
    expect(complaints).toEqual([]);
    expect([...origins].sort()).toEqual([stack.mailboxUrl, stack.publicUrl].sort());
    await context.close();
  });

  it('is not used up by a scanner that follows the link', async () => {
    const { client, email, link } = await registered();
    for (const method of ['HEAD', 'GET', 'GET']) {
      const response = await fetch(link, { method });
      expect(response.status).toBe(200);
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect((await startLogin(client, email)).status).toBe(403);
    const { context } = await visitor();
    const page = await context.newPage();
    await page.goto(`${link}&utm_source=scanner`);
    await press(page);
    expect(await heading(page)).toBe('Your address is confirmed');
    await context.close();
  });

  it('says so when the link was used before', async () => {
    const { client, token, link } = await registered();
    await call(client, 'POST', '/v1/registrations/verify', { body: { token } });
    const { context, complaints } = await visitor();
    const page = await context.newPage();
    await page.goto(link);
    await press(page);
    expect(await heading(page)).toBe('This link has been used');
    expect(await page.textContent('main')).toContain('You can log in');
    expect(complaints.filter((text) => /Content Security Policy/i.test(text))).toEqual([]);
    await context.close();
  });

  it.each(['', 'abc', `${'A'.repeat(93)}_`, '"><script>alert(1)</script>', 'a'.repeat(5000)])(
    'explains a link that is no good (%#)',
    async (token) => {
      const { context } = await visitor();
      const page = await context.newPage();
      await page.goto(`${stack.publicUrl}/verify?token=${encodeURIComponent(token)}`);
      if ((await page.getByRole('button').count()) > 0) await press(page);
      expect(await heading(page)).toBe('This link does not work');
      expect(await page.locator('script').count()).toBe(0);
      await context.close();
    },
  );

  it('takes its form from no other site', async () => {
    const { client, email, token } = await registered();
    const { context } = await visitor();
    const page = await context.newPage();
    await page.route('https://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${stack.publicUrl}/verify"><input name="token" value="${token}"><button>Go</button></form>`,
      }),
    );
    await page.goto('https://evil.example/');
    await page.getByRole('button').click();
    await page.waitForURL(`${stack.publicUrl}/verify`);
    expect(await heading(page)).toBe('This did not come from our page');
    expect((await startLogin(client, email)).status).toBe(403);
    await context.close();
  });

  it('stays within a narrow screen, by day and by night', async () => {
    const { link } = await registered();
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width: 320, height: 600 }, colorScheme });
      const page = await context.newPage();
      await page.goto(link);
      const [wide, background] = await page.evaluate<[number, string]>(
        '[document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]',
      );
      expect(wide).toBeLessThanOrEqual(320);
      const brightness = background.match(/\d+/g)?.slice(0, 3).map(Number) ?? [];
      expect(Math.max(...brightness) > 127).toBe(colorScheme === 'light');
      await context.close();
    }
  });
});
