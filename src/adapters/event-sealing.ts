import { createHmac } from 'node:crypto';
import { z } from 'zod';

import type { Client } from '../application/ports.ts';
import { seal, unseal } from './aes-gcm.ts';
import { canonicalAddress } from './client-network.ts';

/** Keys of persons (or days, for failures of unknown addresses): 256 bit each. `undefined` once destroyed. */
export interface SubjectKeys {
  /** Makes the key when the subject never had one. */
  forSealing(subject: string): Promise<Buffer | undefined>;
  forOpening(subject: string): Promise<Buffer | undefined>;
}

/** Ciphertexts are bound to their subject, event and part: moved elsewhere they do not open. */
export interface SealedUnder {
  readonly subject: string;
  readonly eventId: string;
  readonly key: Buffer;
}

const fieldsSchema = z.record(z.string(), z.unknown());
const clientSchema = z.object({
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  place: z.string().nullable(),
});

/** `undefined` when there is nothing to hide. */
export function sealFields(under: SealedUnder, fields: Readonly<Record<string, unknown>>): string | undefined {
  return sealPart(under, 'data', fields);
}

export function sealClient(under: SealedUnder, { ip, userAgent, place }: Client): string | undefined {
  return sealPart(under, 'client', { ip, userAgent, place });
}

export function openFields(under: SealedUnder, sealed: string): Record<string, unknown> {
  return fieldsSchema.parse(openPart(under, 'data', sealed));
}

export function openClient(under: SealedUnder, sealed: string): Client {
  return clientSchema.parse(openPart(under, 'client', sealed));
}

/**
 * Equal for the events of one person from one address, and for no others; without the person's key nobody can tell
 * which address it was. 128 bits, base64url.
 */
export function addressHash(key: Buffer, ip: string): string {
  const hash = createHmac('sha256', key)
    .update(`client address ${canonicalAddress(ip)}`)
    .digest();
  return hash.subarray(0, 16).toString('base64url');
}

type Part = 'data' | 'client';

function sealPart(under: SealedUnder, part: Part, value: Readonly<Record<string, unknown>>): string | undefined {
  if (Object.values(value).every((field) => field === null)) return undefined;
  return seal(under.key, Buffer.from(JSON.stringify(value)), associated(under, part)).toString('base64url');
}

function openPart(under: SealedUnder, part: Part, sealed: string): unknown {
  return JSON.parse(unseal(under.key, Buffer.from(sealed, 'base64url'), associated(under, part)).toString());
}

function associated({ subject, eventId }: SealedUnder, part: Part): string {
  return `${subject}|${eventId}|${part}`;
}
