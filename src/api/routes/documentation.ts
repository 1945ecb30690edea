import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router, type RequestHandler } from 'express';
import { noteRoute, otherMethods } from '../express-handlers.ts';
import { docsPage, docsScript } from '../pages/docs-page.ts';

/** Of the whole package, what the page loads. */
const assets = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** Swagger UI from our own disk; its inline styles are the one thing it cannot do without. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The document and the page that shows it. */
export function documentation(document: unknown): Router {
  const router = Router({ caseSensitive: true });
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const json = JSON.stringify(document);
  const serve = (path: string, route: string, handler: RequestHandler) => {
    router.get(path, noteRoute(route), fresh, handler);
    router.all(path, noteRoute(route), otherMethods(['GET', 'HEAD']));
  };
  serve('/openapi.json', '/openapi.json', (_request, response) => {
    response.type('application/json').send(json);
  });
  serve('/docs', '/docs', (_request, response) => {
    response.set('Content-Security-Policy', contentSecurityPolicy).type('html').send(docsPage);
  });
  serve('/docs/init.js', '/docs/:asset', (_request, response) => {
    response.type('text/javascript').send(docsScript);
  });
  for (const asset of assets) {
    serve(`/docs/${asset}`, '/docs/:asset', (_request, response) => {
      response.sendFile(asset, { root: folder, cacheControl: false });
    });
  }
  return router;
}

/** After an update the page, its script and the document have to fit together. */
const fresh: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-cache');
  next();
};
