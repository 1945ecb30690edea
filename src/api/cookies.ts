/** Host-only and Secure by their prefix (RFC 6265bis §4.1.3.2); browsers take them from http://localhost too. */
export const cookieNames = {
  access: '__Host-access',
  refresh: '__Host-refresh',
  device: '__Host-device',
} as const;

/** RFC 6265 §5.4. The first of two cookies of one name counts. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** `value` is base64url or a JWT: nothing that needs quoting. */
export function setCookie(name: string, value: string, life: { maxAgeSeconds: number } | { expires: Date }): string {
  const until =
    'expires' in life ? `Expires=${life.expires.toUTCString()}` : `Max-Age=${Math.floor(life.maxAgeSeconds)}`;
  return `${name}=${value}; Path=/; ${until}; HttpOnly; Secure; SameSite=Lax`;
}

export const clearCookie = (name: string): string => setCookie(name, '', { maxAgeSeconds: 0 });
