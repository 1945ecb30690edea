import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Every answer; pages that a browser shows bring a Content-Security-Policy of their own. */
export function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  const nobody = ["'none'"];
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: nobody, baseUri: nobody, formAction: nobody, frameAncestors: nobody },
    },
    // Over plain http it would lock people out of whatever else runs on this host name.
    strictTransportSecurity: publicUrl.startsWith('https:') && { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
  // They are the same for every request, so they are found out once.
  const found: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => (found[name] = value),
    removeHeader: () => undefined,
  };
  setHeaders({} as unknown as IncomingMessage, response as unknown as ServerResponse, () => undefined);
  return found;
}
