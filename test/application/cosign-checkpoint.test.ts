import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { cosignCheckpoint } from '../../src/application/audit/cosign-checkpoint.ts';
import { openCheckpoint, type Checkpoint } from '../../src/domain/audit-proof/checkpoint.ts';
import {
  cosignedMessage,
  isSignedBy,
  parseNote,
  signatureLine,
  type NoteKey,
} from '../../src/domain/audit-proof/signed-note.ts';
import { verifiesConsistency } from '../../src/domain/merkle-verification.ts';
import { newSigner, provenLog, rawEvent, uuid } from '../support/proven-log.ts';

const { sha256 } = cryptography;
const now = new Date('2026-01-02T03:04:05Z');
const log = provenLog(30);
const forked = provenLog(30, { signer: log.signer, event: (n) => rawEvent(n, n === 12 ? uuid(5) : undefined) });

/** By the rules of C2SP tlog-witness: it knows the key of the log, and the last checkpoint that it cosigned. */
function newWitness(name: string) {
  const { key: bare, sign } = newSigner(name);
  const key: NoteKey = { ...bare, algorithm: 4 };
  let last: Checkpoint = { origin: log.signer.key.name, size: 0, root: sha256(new Uint8Array()) };
  const cosignature = (text: string, at = now) => {
    const seconds = BigInt(at.getTime() / 1000);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(seconds);
    return signatureLine(sha256, key, Buffer.concat([time, sign(cosignedMessage(text, seconds))]));
  };
  return {
    key,
    cosignature,
    /** The checkpoint with its signature, or why there is none. */
    addCheckpoint(oldSize: number, proof: readonly Uint8Array[], note: string): string {
      const checkpoint = openCheckpoint(cryptography, note, [log.signer.key]);
      if (!checkpoint) return 'unknown log';
      if (oldSize !== last.size || oldSize > checkpoint.size) return `conflict: it is at ${String(last.size)}`;
      const sizes = { from: last.size, to: checkpoint.size, fromRoot: last.root, toRoot: checkpoint.root };
      if (!verifiesConsistency(sha256, { ...sizes, proof })) return 'not the continuation';
      last = checkpoint;
      return `${note}${cosignature(parseNote(note)?.text ?? '')}\n`;
    },
  };
}

function cosigning(...witnesses: NoteKey[]) {
  const eventStore = memoryEventStore({ clock: () => now });
  let ids = 0;
  const accept = cosignCheckpoint({
    eventStore,
    newId: () => uuid((ids += 1)),
    clock: () => now,
    cryptography,
    auditKeys: { keys: () => Promise.resolve([log.signer.key]) },
    witnesses,
    checkpointOver: (size) => Promise.resolve([20, 30].includes(size) ? log.note(size) : undefined),
  });
  return { accept, recorded: () => eventStore.all().map(({ stream, event }) => ({ stream, ...event })) };
}

describe('a witness', () => {
  it('cosigns the first checkpoint and each that goes on from the last, and the log takes its signatures in', async () => {
    const witness = newWitness('witness.example.net');
    const { accept, recorded } = cosigning(witness.key);
    const first = witness.addCheckpoint(0, [], log.note(20));
    const second = witness.addCheckpoint(20, log.consistency(20, 30), log.note(30));
    for (const cosigned of [first, second]) {
      expect(await accept(cosigned)).toEqual({ kind: 'cosigned', witnesses: ['witness.example.net'] });
      const note = parseNote(cosigned) ?? expect.fail();
      expect(isSignedBy(cryptography, note, witness.key)).toBe(true);
      expect(openCheckpoint(cryptography, cosigned, [log.signer.key])).toBeDefined();
    }
    expect(recorded()).toMatchObject([
      { stream: 'audit_checkpoint', type: 'CheckpointCosigned', data: { size: 20, witness: 'witness.example.net' } },
      { stream: 'audit_checkpoint', type: 'CheckpointCosigned', data: { size: 30, at: now.toISOString() } },
    ]);
    // What is kept is a line that verifies under the note that the log itself shows.
    const { line } = recorded()[1]?.data as unknown as { line: string };
    expect(isSignedBy(cryptography, parseNote(`${log.note(30)}${line}\n`) ?? expect.fail(), witness.key)).toBe(true);
  });

  it('refuses a log that was rolled back, was forked, or is another', () => {
    const witness = newWitness('witness.example.net');
    witness.addCheckpoint(0, [], log.note(20));
    expect(witness.addCheckpoint(20, [], log.note(10))).toBe('conflict: it is at 20');
    expect(witness.addCheckpoint(10, log.consistency(10, 20), log.note(20))).toBe('conflict: it is at 20');
    expect(witness.addCheckpoint(20, forked.consistency(20, 30), forked.note(30))).toBe('not the continuation');
    expect(witness.addCheckpoint(20, [], forked.note(20))).toBe('not the continuation');
    expect(witness.addCheckpoint(20, [], provenLog(20).note())).toBe('unknown log');
    expect(witness.addCheckpoint(20, log.consistency(20, 30), log.note(30))).toContain('witness.example.net');
  });

  it('signs in the format of C2SP tlog-cosignature', () => {
    const { cosignature } = newWitness('witness.example.net');
    const [, name, encoded = ''] = cosignature('log.example.org\n20\nAAAA\n').split(' ');
    expect(name).toBe('witness.example.net');
    const bytes = Buffer.from(encoded, 'base64');
    // Key id, time, Ed25519 signature.
    expect(bytes).toHaveLength(4 + 8 + 64);
    expect(bytes.readBigUInt64BE(4)).toBe(1_767_323_045n);
  });
});

describe('cosignatures under a checkpoint', () => {
  const witness = newWitness('witness.example.net');
  const cosigned = (note: string) => `${note}${witness.cosignature(parseNote(note)?.text ?? '')}\n`;

  it.each([
    ['by another key of the same name', newWitness('witness.example.net').key],
    ['by the same key under another name', { ...witness.key, name: 'other.example.net' }],
    ['by a key that signs logs, not cosignatures', { ...witness.key, algorithm: 1 } satisfies NoteKey],
  ])('are refused when made %s', async (_what, known) => {
    const { accept, recorded } = cosigning(known);
    expect(await accept(cosigned(log.note(20)))).toEqual({ kind: 'refused', reason: 'no known witness signed it' });
    expect(recorded()).toEqual([]);
  });

  it('are refused when they are of another checkpoint, of another time, or changed', async () => {
    const { accept, recorded } = cosigning(witness.key);
    const of = (size: number) => witness.cosignature(parseNote(log.note(size))?.text ?? '');
    const bytes = Buffer.from(of(20).split(' ')[2] ?? '', 'base64');
    const changed = (at: number) => {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      return `— witness.example.net ${other.toString('base64')}`;
    };
    for (const line of [of(30), changed(11), changed(75)]) {
      expect(await accept(`${log.note(20)}${line}\n`)).toMatchObject({ reason: 'no known witness signed it' });
    }
    expect(recorded()).toEqual([]);
  });

  it('are refused under a checkpoint that is not the one of this log', async () => {
    const { accept, recorded } = cosigning(witness.key);
    const reason = 'it is not the checkpoint that this log has over so many events';
    // Signed by the key of this log, over another past, or over a size that it never signed.
    for (const note of [forked.note(20), log.note(25)]) {
      expect(await accept(cosigned(note))).toEqual({ kind: 'refused', reason });
    }
    for (const note of [provenLog(20).note(), 'no note']) {
      expect(await accept(cosigned(note))).toMatchObject({ reason: 'it is no checkpoint that this log signed' });
    }
    expect(recorded()).toEqual([]);
  });

  it('are taken in of those witnesses that are known, and left alone of others', async () => {
    const other = newWitness('other.example.net');
    const both = `${cosigned(log.note(20))}${other.cosignature(parseNote(log.note(20))?.text ?? '')}\n`;
    const { accept, recorded } = cosigning(other.key);
    expect(await accept(both)).toEqual({ kind: 'cosigned', witnesses: ['other.example.net'] });
    expect(recorded()).toHaveLength(1);
  });
});
