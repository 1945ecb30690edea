import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

/** Of those on the PATH; undefined where there is none. */
export const chromiumPath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** It talks to nobody of its own accord. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** As a service on that origin hands them out: `__Host-` cookies cannot be put into a browser in another way. */
export async function takeCookies(
  context: BrowserContext,
  origin: string,
  setCookies: readonly string[],
): Promise<void> {
  const page = await context.newPage();
  const url = `${origin}/some-page-with-cookies`;
  await page.route(url, (route) => route.fulfill({ headers: { 'set-cookie': setCookies.join('\n') }, body: '' }));
  await page.goto(url);
  await page.close();
}
