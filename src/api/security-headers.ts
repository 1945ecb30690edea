import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Every answer; pages that a browser shows bring a Content-Security-Policy of their own. */
export function securityHeaders(
  publicUrl: string,
): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  const nobody = ["'none'"];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: nobody, baseUri: nobody, formAction: nobody, frameAncestors: nobody },
    },
    // Over plain http it would lock people out of whatever else runs on this host name.
    strictTransportSecurity: publicUrl.startsWith('https:') && { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
}
