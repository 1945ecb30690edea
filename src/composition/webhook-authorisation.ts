import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config.ts';

/** Judges an `Authorization` header (RFC 7617) in constant time; `undefined` where no credentials are configured. */
export function webhookAuthorisation({
  POSTMARK_WEBHOOK_USER: user,
  POSTMARK_WEBHOOK_PASSWORD: password,
}: Pick<Config, 'POSTMARK_WEBHOOK_USER' | 'POSTMARK_WEBHOOK_PASSWORD'>):
  ((header: string | undefined) => boolean) | undefined {
  if (user === undefined || password === undefined) return undefined;
  const expected = digest(Buffer.from(`${user}:${password}`));
  return (header) => {
    const given = /^basic ([\w+/]+={0,2})$/i.exec(header ?? '')?.[1] ?? '';
    return timingSafeEqual(digest(Buffer.from(given, 'base64')), expected);
  };
}

/** Of equal length, whatever was sent. */
const digest = (text: Buffer): Buffer => createHash('sha256').update(text).digest();
