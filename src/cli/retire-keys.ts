import { newSigningKey, publishedAfterMs, signingKeyPurpose } from '../adapters/jose-signing-keys.ts';
import { issuesAfterMs, tokenKeyPurpose } from '../adapters/live-token-keys.ts';
import type { ServiceKey } from '../adapters/postgres-service-keys.ts';
import type { Vault } from '../adapters/postgres-vault.ts';
import type { Clock } from '../application/ports.ts';
import { tableText } from './table-text.ts';

export interface RetirementCommands {
  readonly vault: Pick<Vault, 'serviceKeys' | 'passwordsUnder' | 'rewrap'>;
  readonly clock: Clock;
  readonly out: NodeJS.WritableStream;
}

const hourMs = 3_600_000;
/** Refresh tokens and invitations live for seven days; one more for clocks. */
const longestTokenMs = 8 * 24 * hourMs;

/** How long a key may be needed after the next one was made. Every process takes up a new pepper within minutes. */
const neededMs = {
  [signingKeyPurpose]: publishedAfterMs,
  [tokenKeyPurpose]: issuesAfterMs + longestTokenMs,
  pepper: hourMs,
} as const;

type Purpose = keyof typeof neededMs;
const purposes = Object.keys(neededMs) as Purpose[];

/**
 * `mbauth keys retire`: all that nothing rests on any more, and says what keeps the others. With a purpose and a number:
 * that one at once, as after a theft, whatever rests on it. Throws for what is no key, and for the newest of a purpose.
 */
export async function retireKeys(given: RetirementCommands, names: readonly string[]): Promise<void> {
  if (names.length > 0) return retireOne(given, names);
  const { vault, clock, out } = given;
  const rows: string[][] = [];
  for (const purpose of purposes) {
    const keys = await keysOf(vault, purpose);
    for (const [index, key] of keys.entries()) {
      const need = await needOf(given, purpose, key, keys[index + 1], clock());
      if (need === undefined) await vault.serviceKeys.retire(purpose, key.number);
      rows.push([purpose, String(key.number), need ?? 'retired']);
    }
  }
  out.write(tableText(['purpose', 'number', 'outcome'], rows));
}

/** What was never used is made by it, so it has to be of the right kind. */
const keysOf = (vault: RetirementCommands['vault'], purpose: Purpose): Promise<readonly ServiceKey[]> =>
  vault.serviceKeys.all(purpose, purpose === signingKeyPurpose ? newSigningKey : undefined);

async function needOf(
  { vault }: RetirementCommands,
  purpose: Purpose,
  { number }: ServiceKey,
  next: ServiceKey | undefined,
  now: Date,
): Promise<string | undefined> {
  if (next === undefined) return 'in use';
  const until = new Date(next.createdAt.getTime() + neededMs[purpose]);
  if (now < until) return `needed until ${until.toISOString()}`;
  const passwords = purpose === 'pepper' ? await vault.passwordsUnder(number) : 0;
  return passwords > 0 ? `needed by ${String(passwords)} passwords, each until its person logs in` : undefined;
}

async function retireOne({ vault, out }: RetirementCommands, [name, given]: readonly string[]): Promise<void> {
  const purpose = purposes.find((known) => known === name);
  const keys = purpose === undefined ? [] : await keysOf(vault, purpose);
  const key = keys.find(({ number }) => String(number) === given);
  if (purpose === undefined || key === undefined) throw new Error(`There is no such key: see \`mbauth keys list\`.`);
  if (key === keys.at(-1)) throw new Error(`It is the newest: \`mbauth keys rotate ${purpose}\` first.`);
  await vault.serviceKeys.retire(purpose, key.number);
  const loss: Record<Purpose, string> = {
    [signingKeyPurpose]: 'Access tokens under it are refused within a minute; their clients have to refresh.',
    [tokenKeyPurpose]:
      'Refresh tokens, links and codes under it are refused within a minute: those people log in again.',
    pepper: 'Passwords under it match no more: those people have to choose new ones.',
  };
  out.write(`${purpose} ${String(key.number)} is retired. ${loss[purpose]}\n`);
}

/** `mbauth keys rewrap`: wraps all keys with the present `MASTER_KEY`, after which the former ones may be forgotten. */
export async function rewrapKeys({ vault, out }: RetirementCommands): Promise<void> {
  const { rewrapped } = await vault.rewrap();
  out.write(`${String(rewrapped)} keys were wrapped anew. MASTER_KEY_PREVIOUS may be left out from now on.\n`);
}
