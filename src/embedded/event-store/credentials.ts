import { createHash, timingSafeEqual } from 'node:crypto';
import { status, type Metadata } from '@grpc/grpc-js';
import { accessDenied, CallError } from './errors.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Refuses a call that does not carry the configured credentials; without any configured, everybody may call. */
export function credentialCheck(credentials: Credentials | undefined): (metadata: Metadata) => void {
  if (credentials === undefined) return () => undefined;
  const { username, password } = credentials;
  const wanted = digest(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  return (metadata) => {
    const [given] = metadata.get('authorization');
    if (given === undefined) throw accessDenied();
    if (timingSafeEqual(digest(given.toString()), wanted)) return;
    throw new CallError(status.UNAUTHENTICATED, 'The credentials are wrong.');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
