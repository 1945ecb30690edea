import { html } from './html.ts';
import { page } from './layout.ts';

export function homePage({ mailbox, console: consoleUrl }: { mailbox?: string; console?: string }): string {
  const links = [
    ...(consoleUrl === undefined ? [] : [{ url: consoleUrl, name: 'The console' }]),
    { url: '/docs', name: 'The API, described and ready to try' },
    { url: '/openapi.json', name: 'The same as an OpenAPI document' },
    { url: '/readyz', name: 'How the service and what it needs stand' },
    ...(mailbox === undefined ? [] : [{ url: mailbox, name: 'The mailbox of this installation' }]),
  ];
  const items = links.map(({ url, name }) => html`<li><a href="${url}">${name}</a></li>`);
  return page(
    'The service is running',
    html`<p>Who gets in, and what they may do.</p>
      <ul>
        ${items}
      </ul>`,
  );
}

export const homeProblemPage = (): string =>
  page('That did not work', html`<p>Something went wrong on our side. Try again in a moment.</p>`);
