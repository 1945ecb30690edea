import { checkpointText, openCheckpoint, type Checkpoint } from '../../domain/audit-proof/checkpoint.ts';
import { signNote, type Cryptography, type NoteKey, type Sign } from '../../domain/audit-proof/signed-note.ts';
import { sameBytes } from '../../domain/merkle-verification.ts';
import type { AuditMismatch } from '../../domain/audit-checkpoint/events.ts';
import { WrongExpectedRevision, type Clock, type EventStore, type NewId } from '../ports.ts';
import { streams } from '../streams.ts';

export interface CheckpointSigning {
  readonly eventStore: EventStore;
  readonly newId: NewId;
  readonly clock: Clock;
  readonly cryptography: Cryptography;
  readonly auditKeys: {
    keys(): Promise<readonly NoteKey[]>;
    signer(): Promise<{ readonly key: NoteKey; readonly sign: Sign }>;
  };
  /** `undefined` where no folder outside is configured. */
  readonly checkpointFiles:
    { latest(): Promise<string | undefined>; write(note: string, at: Date): Promise<void> } | undefined;
  readonly proofTree: { root(size: number): Promise<Uint8Array> };
  /** The newest that the tree's tables know of. */
  readonly newestCheckpoint: () => Promise<{ readonly note: string; readonly revision: bigint } | undefined>;
}

export type SigningOutcome =
  | { readonly kind: 'signed'; readonly size: number }
  /** The log is not the continuation of what was signed before: nothing was signed. */
  | { readonly kind: 'refused'; readonly mismatch: AuditMismatch; readonly detail: string };

/** Signs the tree at this size, unless it contradicts any checkpoint that can still be found. */
export type SignCheckpoint = (size: number) => Promise<SigningOutcome>;

export function signCheckpoint(deps: CheckpointSigning): SignCheckpoint {
  const { eventStore, newId, clock, cryptography, auditKeys, checkpointFiles, proofTree } = deps;
  return async (size) => {
    const known = await knownCheckpoints(deps);
    if ('kind' in known) return known;
    const root = await proofTree.root(size);
    const { key, sign } = await auditKeys.signer();
    for (const { from, note } of known.notes) {
      const earlier = openCheckpoint(cryptography, note, await auditKeys.keys());
      const refused = await contradiction(deps, size, earlier, from, key.name);
      if (refused) return refused;
    }
    const at = clock();
    const note = signNote(cryptography.sha256, checkpointText({ origin: key.name, size, root }), key, sign);
    await checkpointFiles?.write(note, at);
    const data = { size, rootHash: Buffer.from(root).toString('base64'), note, at: at.toISOString() };
    const id = newId();
    const context = { actor: { kind: 'system' }, correlationId: id, causationId: id } as const;
    try {
      const event = { type: 'CheckpointSigned', data } as const;
      await eventStore.append(streams.auditCheckpoint(), [{ id, event, context }], known.revision);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return refusal('checkpoint-inconsistent', 'somebody else appends checkpoints at the same time');
    }
    return { kind: 'signed', size };
  };
}

const refusal = (mismatch: AuditMismatch, detail: string) => ({ kind: 'refused', mismatch, detail }) as const;

/** The last in the stream, in the tables and in the folder: an older store contradicts at least one of them. */
async function knownCheckpoints({ eventStore, checkpointFiles, newestCheckpoint }: CheckpointSigning) {
  const row = await newestCheckpoint();
  const { events, revision } = await eventStore.readStream(streams.auditCheckpoint(), row?.revision ?? 0n);
  if (row && (revision === 'no-stream' || revision < row.revision)) {
    return refusal('log-rolled-back', 'the stream of the checkpoints is shorter than it was');
  }
  const inStream = events.flatMap(({ event }) => (event.type === 'CheckpointSigned' ? [event.data.note] : []));
  const inFolder = await checkpointFiles?.latest();
  const notes = [
    ...inStream.map((note) => ({ from: 'the stream', note })),
    ...(row ? [{ from: 'the tables', note: row.note }] : []),
    ...(inFolder === undefined ? [] : [{ from: 'the folder outside', note: inFolder }]),
  ];
  return { notes, revision };
}

async function contradiction(
  { proofTree }: CheckpointSigning,
  size: number,
  earlier: Checkpoint | undefined,
  from: string,
  origin: string,
) {
  if (earlier?.origin !== origin) {
    return refusal('checkpoint-unreadable', `the last checkpoint in ${from} is not signed by this log`);
  }
  if (earlier.size > size) {
    const detail = `the log has ${size} events, the last checkpoint in ${from} has ${earlier.size}`;
    return refusal('log-rolled-back', detail);
  }
  if (sameBytes(await proofTree.root(earlier.size), earlier.root)) return undefined;
  return refusal('checkpoint-inconsistent', `its first ${earlier.size} events are not those of ${from}`);
}
