import { openCheckpoint } from '../../domain/audit-proof/checkpoint.ts';
import {
  isSignedBy,
  keyIdOf,
  parseNote,
  type Cryptography,
  type NoteKey,
} from '../../domain/audit-proof/signed-note.ts';
import type { Clock, EventStore, NewId } from '../ports.ts';
import { streams } from '../streams.ts';

interface Cosigning {
  readonly eventStore: EventStore;
  readonly newId: NewId;
  readonly clock: Clock;
  readonly cryptography: Cryptography;
  readonly auditKeys: { keys(): Promise<readonly NoteKey[]> };
  /** Keys of cosignature/v1 that are trusted to have looked. */
  readonly witnesses: readonly (NoteKey | undefined)[];
  /** The note that this log signed over so many events; `undefined` where it signed none. */
  readonly checkpointOver: (size: number) => Promise<string | undefined>;
}

export type Cosigned =
  | { readonly kind: 'cosigned'; readonly witnesses: readonly string[] }
  /** Nothing was taken in. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Keeps the cosignatures (C2SP tlog-cosignature) under a checkpoint of this log; answers with the witnesses' names. */
export type CosignCheckpoint = (note: string) => Promise<Cosigned>;

const refused = (reason: string) => ({ kind: 'refused', reason }) as const;

export function cosignCheckpoint(deps: Cosigning): CosignCheckpoint {
  const { eventStore, newId, clock, cryptography, auditKeys, witnesses, checkpointOver } = deps;
  return async (text) => {
    const checkpoint = openCheckpoint(cryptography, text, await auditKeys.keys());
    const note = parseNote(text);
    if (!checkpoint || !note) return refused('it is no checkpoint that this log signed');
    // A cosignature under another root of the same size is a witness to a second log, not to this one.
    const own = parseNote((await checkpointOver(checkpoint.size)) ?? '');
    if (own?.text !== note.text) return refused('it is not the checkpoint that this log has over so many events');
    const known = witnesses.filter((key) => key !== undefined);
    const signed = known.filter((key) => isSignedBy(cryptography, note, key));
    const lines = note.signatures.filter(({ name, keyId }) =>
      signed.some((key) => key.name === name && keyIdOf(cryptography.sha256, key) === keyId),
    );
    if (lines.length === 0) return refused('no known witness signed it');
    const at = clock().toISOString();
    const events = lines.map(({ name, line }) => {
      const id = newId();
      const event = { type: 'CheckpointCosigned', data: { size: checkpoint.size, witness: name, line, at } } as const;
      return { id, event, context: { actor: { kind: 'system' }, correlationId: id, causationId: id } as const };
    });
    await eventStore.append(streams.auditCheckpoint(), events, 'any');
    return { kind: 'cosigned', witnesses: lines.map(({ name }) => name) };
  };
}
