import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { startMailSandbox } from '../../src/embedded/mail-sandbox/start-mail-sandbox.ts';
import { mailLanguages } from '../../src/workers/mails/languages.ts';
import { renderMail } from '../../src/workers/mails/render-mail.ts';
import { accessToken, at, fakeService, type Changes } from '../api/fake-service.ts';
import { unreadableTexts, widthsBeyond } from '../support/page-checks.ts';
import { contentOf, templates } from '../workers/mail-samples.ts';
import { chromiumPath, startBrowser, takeCookies } from './browser.ts';

const widths = [320, 1280];
/** `PAGE_PICTURES=folder npx vitest run test/e2e/page-pictures.test.ts` leaves them there, for people to look at. */
const pictures = process.env['PAGE_PICTURES'];

const invitation = {
  teamName: 'Weiß & Söhne Gesellschaft für Brückenbau',
  roleName: 'Developer',
  inviterName: 'Grace Hopper',
  maskedEmail: 'a***@a-rather-long-domain-name.example.com',
  hasAccount: false,
  expiresAt: at,
};
const inviting = (viewer: 'nobody' | 'invited' | 'somebody-else', hasAccount = false): Changes['useCases'] => ({
  previewInvitation: () => Promise.resolve({ ...invitation, hasAccount, viewer }),
});
const failing = (error: Error): Changes['useCases'] => ({
  previewInvitation: () => Promise.reject(error),
  verifyEmail: () => Promise.reject(error),
  resetPassword: () => Promise.reject(error),
});

/** By the name of the picture: where it is, what the service behind it does, and which button is pressed there. */
const pages: Readonly<Record<string, { path: string; useCases?: Changes['useCases']; press?: string; fill?: string }>> =
  {
    home: { path: '/' },
    verify: { path: '/verify?token=a.token' },
    verified: { path: '/verify?token=a.token', press: 'Confirm my address' },
    'verify-used': {
      path: '/verify?token=a.token',
      press: 'Confirm my address',
      useCases: failing(new DomainError('verification-token-used')),
    },
    'invitation-new-person': { path: '/invitations?token=a.token', useCases: inviting('nobody') },
    'invitation-has-account': { path: '/invitations?token=a.token', useCases: inviting('nobody', true) },
    'invitation-signed-in': { path: '/invitations?token=a.token', useCases: inviting('invited', true) },
    'invitation-somebody-else': { path: '/invitations?token=a.token', useCases: inviting('somebody-else', true) },
    'invitation-joined': {
      path: '/invitations?token=a.token',
      useCases: inviting('invited', true),
      press: 'Join the team',
    },
    'invitation-expired': {
      path: '/invitations?token=a.token',
      useCases: failing(new DomainError('invitation-expired')),
    },
    reset: { path: '/reset?token=a.token' },
    'reset-refused': {
      path: '/reset?token=a.token',
      press: 'Set this password',
      fill: 'New password',
      useCases: failing(new DomainError('password-not-acceptable', { reasons: 'common, is-team-name' })),
    },
    'reset-expired': {
      path: '/reset?token=a.token',
      press: 'Set this password',
      fill: 'New password',
      useCases: failing(new DomainError('reset-token-expired')),
    },
    forgot: { path: '/forgot' },
    'forgot-asked': { path: '/forgot', press: 'Send me a link', fill: 'Your e-mail address' },
    'login-decision': { path: '/login-decision?token=a.token&decision=deny' },
    'login-approved': { path: '/login-decision?token=a.token', press: 'Yes, let it in' },
    'login-denied': { path: '/login-decision?token=a.token', press: 'No, that was not me' },
  };

describe.skipIf(chromiumPath === undefined)('each page, as a browser shows it', () => {
  let browser: Browser;
  let folder: string;
  /** Of somebody who is signed in; cookies know no port. */
  const contexts = new Map<string, BrowserContext>();
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
    closing.push(() => browser.close());
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, javaScriptEnabled: false });
      const cookie = `__Host-access=${accessToken}; Path=/; Secure; HttpOnly; SameSite=Lax`;
      await takeCookies(context, 'http://localhost', [cookie]);
      contexts.set(colorScheme, context);
    }
    folder = await mkdtemp(join(tmpdir(), 'mbauth-pages-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  async function listening(changes: Changes): Promise<{ url: string; server: Server }> {
    const server = createServer(fakeService(changes).app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, url: `http://localhost:${String((server.address() as AddressInfo).port)}` };
  }

  async function looksRight(page: Page, name: string): Promise<void> {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      const where = `${name}-${String(width)}`;
      expect([where, await widthsBeyond(page, width)]).toEqual([where, []]);
      expect([where, await unreadableTexts(page)]).toEqual([where, []]);
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${where}.png`), fullPage: true });
    }
  }

  it.each(Object.keys(pages))('%s stays within the screen and can be read, by day and by night', async (name) => {
    const { path, useCases = {}, press, fill } = pages[name] ?? expect.fail();
    const { server, url } = await listening({ useCases });
    for (const [colorScheme, context] of contexts) {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(url + path);
      if (fill !== undefined) await page.getByLabel(fill).fill('ada@example.com');
      if (press !== undefined) await page.getByRole('button', { name: press }).click();
      await looksRight(page, `${name}-${colorScheme}`);
      expect(complaints.filter((text) => /Content Security Policy/i.test(text))).toEqual([]);
      await page.close();
    }
    server.close();
  });

  it('the mailbox shows every mail, by day and by night', async () => {
    const mailbox = await startMailSandbox({ folder, port: 0, now: () => new Date(at), newId: randomUUID });
    closing.unshift(() => mailbox.close());
    for (const template of templates) {
      const { subject, text, html } = renderMail(contentOf(mailLanguages.en, template), mailLanguages.en);
      const sent = await fetch(`${mailbox.url}/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-postmark-server-token': 'some' },
        body: JSON.stringify({
          From: 'auth@example.com',
          To: 'ada@example.com',
          Subject: subject,
          TextBody: text,
          HtmlBody: html,
          Tag: template,
        }),
      });
      expect(sent.status).toBe(200);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme });
      const page = await context.newPage();
      await page.goto(mailbox.url);
      await looksRight(page, `mailbox-${colorScheme}`);
      await context.close();
    }
  });

  it('the documentation describes every endpoint on a wide screen and a narrow one', async () => {
    const { server, url } = await listening({});
    const page = await browser.newPage();
    await page.goto(`${url}/docs`);
    await page.getByText('/v1/registrations/verify').first().waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      const scrolled = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect([width, scrolled]).toEqual([width, width]);
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `docs-light-${String(width)}.png`) });
    }
    await page.close();
    server.close();
  });
});
