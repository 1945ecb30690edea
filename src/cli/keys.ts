import { rotatePepper } from '../adapters/bcrypt-passwords.ts';
import { newSigningKey, signingKeyPurpose, stillPublished } from '../adapters/jose-signing-keys.ts';
import { issuesAfterMs, tokenKeyPurpose } from '../adapters/live-token-keys.ts';
import type { ServiceKey, ServiceKeys } from '../adapters/postgres-service-keys.ts';
import type { Clock } from '../application/ports.ts';
import { tableText } from './table-text.ts';

export interface KeyCommands {
  readonly vault: { readonly serviceKeys: ServiceKeys };
  readonly clock: Clock;
  readonly out: NodeJS.WritableStream;
}

/** What may be rotated; the other keys give ids that must come out the same for ever. */
const purposes = [signingKeyPurpose, tokenKeyPurpose, 'pepper'] as const;

/** `mbauth keys list` */
export async function listKeys({ vault, clock, out }: KeyCommands): Promise<void> {
  const now = clock();
  const rows: string[][] = [];
  for (const purpose of purposes) {
    const keys = await vault.serviceKeys.all(purpose, purpose === signingKeyPurpose ? newSigningKey : undefined);
    const published = new Set(stillPublished(keys, now));
    for (const key of keys) {
      const use = useOf(purpose, key, { isNewest: key === keys.at(-1), isPublished: published.has(key), now });
      rows.push([purpose, String(key.number), key.createdAt.toISOString(), use]);
    }
  }
  out.write(tableText(['purpose', 'number', 'made', 'use'], rows));
}

function useOf(
  purpose: (typeof purposes)[number],
  { number, createdAt }: ServiceKey,
  { isNewest, isPublished, now }: { isNewest: boolean; isPublished: boolean; now: Date },
): string {
  if (purpose === signingKeyPurpose) return isNewest ? 'signs' : isPublished ? 'verifies' : 'none';
  const waitsUntil = new Date(createdAt.getTime() + issuesAfterMs);
  if (!isNewest) return purpose === 'pepper' ? 'verifies' : 'is read';
  if (purpose === 'pepper') return 'hashes';
  return number > 1 && waitsUntil > now ? `issues from ${waitsUntil.toISOString()}` : 'issues';
}

/** `mbauth keys rotate <purpose>`. Nobody is logged out by it. Throws for a purpose that is none. */
export async function rotateKey({ vault, out }: KeyCommands, names: readonly string[]): Promise<void> {
  const purpose = purposes.find((known) => known === names[0]);
  if (purpose === undefined) throw new Error(`Name what to rotate: ${purposes.join(', ')}.`);
  const number = await rotate(vault, purpose);
  const when: Record<typeof purpose, string> = {
    'jwt-signing': 'It signs in every process within a minute; the one before verifies for another seven hours.',
    'token-derivation': `It issues in ${issuesAfterMs / 60_000} minutes, when every process knows it; all before it are read.`,
    pepper: 'New hashes stand under it, and those of people with their next login; the ones before verify.',
  };
  out.write(`${purpose} has key number ${number} now. ${when[purpose]}\n`);
}

async function rotate(vault: KeyCommands['vault'], purpose: (typeof purposes)[number]): Promise<number> {
  if (purpose === 'pepper') return (await rotatePepper(vault)).version;
  const make = purpose === signingKeyPurpose ? newSigningKey : undefined;
  // Rotating is replacing: what has never been used is made first.
  await vault.serviceKeys.all(purpose, make);
  return (await vault.serviceKeys.rotate(purpose, make)).number;
}
