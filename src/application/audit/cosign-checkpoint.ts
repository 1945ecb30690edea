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
}

/** Keeps the cosignatures (C2SP tlog-cosignature) under a checkpoint of this log; answers with the witnesses' names. */
export type CosignCheckpoint = (note: string) => Promise<readonly string[]>;

export function cosignCheckpoint(deps: Cosigning): CosignCheckpoint {
  const { eventStore, newId, clock, cryptography, auditKeys, witnesses } = deps;
  return async (text) => {
    const checkpoint = openCheckpoint(cryptography, text, await auditKeys.keys());
    const note = parseNote(text);
    if (!checkpoint || !note) return [];
    const known = witnesses.filter((key) => key !== undefined);
    const signed = known.filter((key) => isSignedBy(cryptography, note, key));
    const lines = note.signatures.filter(({ name, keyId }) =>
      signed.some((key) => key.name === name && keyIdOf(cryptography.sha256, key) === keyId),
    );
    const at = clock().toISOString();
    const events = lines.map(({ name, line }) => {
      const id = newId();
      const event = { type: 'CheckpointCosigned', data: { size: checkpoint.size, witness: name, line, at } } as const;
      return { id, event, context: { actor: { kind: 'system' }, correlationId: id, causationId: id } as const };
    });
    if (events.length > 0) await eventStore.append(streams.auditCheckpoint(), events, 'any');
    return lines.map(({ name }) => name);
  };
}
