import { createHash } from 'node:crypto';
import type { Rendering } from '../answer.ts';
import type { Problem } from '../problem-details.ts';
import { html, type Html } from './html.ts';

const style = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6474; --page: #f4f5f7; --card: #fff; --line: #dde1e7;
  --accent: #2456c7; --on-accent: #fff; --alarm: #a4161a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #a3adbb; --page: #12161d; --card: #1b212b;
  --line: #323a47; --accent: #8fb2ff; --on-accent: #0d1420; --alarm: #ff9d9d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { width: 100%; max-width: 28rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
.product { margin: 0 0 1.5rem; color: var(--soft); font-size: .875rem; font-weight: 600; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
p:last-child, ul:last-child { margin-bottom: 0; }
a { color: var(--accent); }
.small { color: var(--soft); font-size: .875rem; }
button { width: 100%; margin: .5rem 0 1rem; padding: .75rem 1rem; border: 0; border-radius: .5rem; cursor: pointer;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { width: 100%; margin-bottom: .75rem; padding: .625rem .75rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--page); color: var(--ink); font: inherit; }
.problem { color: var(--alarm); font-weight: 600; }
button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
`;

/** Byte for byte what the hash in the policy is of. */
const styleElement = { markup: `<style>${style}</style>` };
const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing but this page's own style and a form back to us: no script, no frame, nothing of anybody else's. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function page(title: string, body: Html): string {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · MBPanel Auth</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <p class="product">MBPanel Auth</p>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  return markup;
}

/** For endpoints that people see: their problems are pages too, with what to do next in words. */
export const asPage = (problemPage: (problem: Problem) => string): Rendering => ({
  contentType: 'text/html; charset=utf-8',
  headers: {
    'Content-Security-Policy': contentSecurityPolicy,
    'Referrer-Policy': 'no-referrer',
  },
  problemPage,
});
