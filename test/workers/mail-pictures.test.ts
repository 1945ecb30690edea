import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailLanguages, type MailLanguage } from '../../src/workers/mails/languages.ts';
import { renderMail } from '../../src/workers/mails/render-mail.ts';
import { chromiumPath, startBrowser } from '../e2e/browser.ts';
import { unreadableTexts, widthsBeyond } from '../support/page-checks.ts';
import { contentOf, templates, type Template } from './mail-samples.ts';

const languages = Object.keys(mailLanguages) as MailLanguage[];
const widths = [320, 600];
/** `MAIL_PICTURES=folder npx vitest run test/workers/mail-pictures.test.ts` leaves them there, for people to look at. */
const pictures = process.env['MAIL_PICTURES'];

describe.skipIf(chromiumPath === undefined)('each mail, as a browser shows it', () => {
  let browser: Browser;
  const pages = new Map<string, Page>();
  beforeAll(async () => {
    browser = await startBrowser();
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, javaScriptEnabled: false });
      await context.route('**', (route) => route.abort());
      pages.set(colorScheme, await context.newPage());
    }
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  });
  afterAll(() => browser.close());

  const htmlOf = (language: MailLanguage, template: Template) =>
    renderMail(contentOf(mailLanguages[language], template), mailLanguages[language]).html;

  async function shown(html: string, name: string): Promise<void> {
    for (const [scheme, page] of pages) {
      await page.setContent(html);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 700 });
        const where = `${name}-${scheme}-${String(width)}`;
        expect([where, await widthsBeyond(page, width)]).toEqual([where, []]);
        expect([where, await unreadableTexts(page)]).toEqual([where, []]);
        if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${where}.png`), fullPage: true });
      }
    }
  }

  it.each(templates.flatMap((template) => languages.map((language) => [template, language] as const)))(
    '%s in %s stays within the screen and can be read, by day and by night',
    async (template, language) => {
      await shown(htmlOf(language, template), `${template}-${language}`);
    },
  );

  it('a name without an end breaks no screen', async () => {
    const html = htmlOf('en', 'invitation').replaceAll('Engines', 'Engines'.repeat(20));
    await shown(html, 'long-names');
  });

  it('would be found to be too wide or too pale, if one were', async () => {
    const [page] = pages.values();
    await page?.setContent('<p style="width:900px;color:#bbb;background:#fff">pale and wide</p>');
    expect(page && (await widthsBeyond(page, 600))).toEqual(['the whole page', 'P pale and wide']);
    expect(page && (await unreadableTexts(page))).toEqual(['1.92 pale and wide']);
  });

  it('loads nothing from anywhere', async () => {
    const asked: string[] = [];
    const page = pages.get('light');
    page?.on('request', (request) => asked.push(request.url()));
    for (const template of templates) await page?.setContent(htmlOf('en', template));
    expect(asked).toEqual([]);
  });
});
