import { canonicalBase64, isSignedBy, parseNote, type Cryptography, type NoteKey } from './signed-note.ts';

/** The head of the tree at one size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

function parseCheckpointText(text: string): Checkpoint | undefined {
  const [origin = '', decimal = '', encoded = '', ...rest] = text.split('\n');
  const root = canonicalBase64(encoded);
  const size = Number(decimal);
  const isWhole = origin !== '' && rest.length === 1 && rest[0] === '';
  return isWhole && isTreeSize(size, decimal) && root?.length === 32 ? { origin, size, root } : undefined;
}

const isTreeSize = (size: number, decimal: string) =>
  size >= 0 && Number.isSafeInteger(size) && String(size) === decimal;

/** The checkpoint of a note that one of these keys signed under its own origin; `undefined` for any other. */
export function openCheckpoint(
  cryptography: Cryptography,
  note: string,
  keys: readonly NoteKey[],
): Checkpoint | undefined {
  const parsed = parseNote(note);
  const checkpoint = parsed && parseCheckpointText(parsed.text);
  if (!checkpoint) return undefined;
  const ofLog = keys.filter(({ name, algorithm }) => name === checkpoint.origin && algorithm === 1);
  return ofLog.some((key) => isSignedBy(cryptography, parsed, key)) ? checkpoint : undefined;
}
