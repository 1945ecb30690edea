import type { SubscribeRaw } from '../../application/ports.ts';
import { openCheckpoint } from '../../domain/audit-proof/checkpoint.ts';
import type { NoteKey } from '../../domain/audit-proof/signed-note.ts';
import { compactRange } from '../../domain/compact-range.ts';
import { sameBytes } from '../../domain/merkle-verification.ts';
import { checkpointRows } from './checkpoint-rows.ts';
import { compareStore, keptLeaves, storeReader, type KeptLeaf, type Mismatch } from './compare.ts';
import { nothingExpires, type Expiry, type IsExpired } from './expiry.ts';
import { compareRows, type RowChecking } from './compare-rows.ts';
import { tileLevels } from './tiles.ts';

const chunkSize = 1000;
/** What one run of the service looks at: what came last, and the next part of the whole log. */
const recentLeaves = 256;
const rollingLeaves = 2000;

export interface ProofChecking extends RowChecking {
  readonly subscribeRaw: SubscribeRaw;
  /** Without it nothing may be missing. */
  readonly expiry?: Expiry;
}

/** Events, rows of the audit log and leaves from one index to another, against each other. */
async function* checkRange(
  checking: ProofChecking,
  from: number,
  to: number,
  signal: AbortSignal,
  isExpired: IsExpired,
  onLeaves: (leaves: readonly KeptLeaf[]) => void = () => undefined,
): AsyncGenerator<Mismatch> {
  const { pool, subscribeRaw, cryptography } = checking;
  const [before] = from > 0 ? await keptLeaves(pool, from - 1, from) : [];
  let after = before?.position ?? -1n;
  const store = storeReader(subscribeRaw, before?.position ?? 'start', signal);
  try {
    for (let first = from; first < to; first += chunkSize) {
      const end = Math.min(first + chunkSize, to);
      const leaves = await keptLeaves(pool, first, end);
      const last = leaves.at(-1);
      if (leaves.length < end - first) {
        const detail = `leaves between index ${first} and ${end} are gone`;
        yield { mismatch: 'proof-changed', index: null, eventId: null, detail };
      }
      if (last === undefined) continue;
      yield* compareStore(cryptography.sha256, leaves, await store.upTo(last.position), isExpired);
      yield* await compareRows(checking, after, leaves);
      onLeaves(leaves);
      after = last.position;
    }
  } finally {
    await store.close();
  }
}

/** Everything, and that the tree and every checkpoint are those of the leaves. `onExpired`: for each that a policy excuses. */
export async function* checkWholeLog(
  checking: ProofChecking,
  keys: readonly NoteKey[],
  signal: AbortSignal,
  onExpired: () => void = () => undefined,
): AsyncGenerator<Mismatch> {
  const { pool, cryptography } = checking;
  const { size } = await logState(checking);
  const checkpoints = new Map((await checkpointRows(pool, undefined, 1_000_000)).map((row) => [row.size, row]));
  const nodes = await storedNodes(checking);
  const range = compactRange(cryptography.sha256);
  const wrong: Mismatch[] = [];
  const tree = (leaves: readonly KeptLeaf[]) => {
    for (const { hash } of leaves) {
      range.append(hash, ({ level, index }, of) => {
        if (level === 0 || level % tileLevels !== 0) return;
        const stored = nodes.get(`${level}/${index}`);
        if (!stored || !sameBytes(stored, of)) wrong.push(proofChanged(`node ${index} of level ${level} was changed`));
      });
      const row = checkpoints.get(range.size);
      const checkpoint = row && openCheckpoint(cryptography, row.note, keys);
      if (row && !checkpoint) wrong.push(unreadable(row.size));
      if (checkpoint && !sameBytes(checkpoint.root, range.root())) wrong.push(inconsistent(range.size));
    }
  };
  const mayExpire = await expiryIn(checking);
  const isExpired: IsExpired = (event) => {
    const expired = mayExpire(event);
    if (expired) onExpired();
    return expired;
  };
  yield* checkRange(checking, 0, size, signal, isExpired, tree);
  yield* wrong;
}

const proofChanged = (detail: string): Mismatch => ({ mismatch: 'proof-changed', index: null, eventId: null, detail });
const unreadable = (size: number): Mismatch => ({
  mismatch: 'checkpoint-unreadable',
  index: null,
  eventId: null,
  detail: `the checkpoint over ${size} events is not signed by this log`,
});
const inconsistent = (size: number): Mismatch => ({
  mismatch: 'checkpoint-inconsistent',
  index: null,
  eventId: null,
  detail: `the first ${size} events are not those of their checkpoint`,
});

async function storedNodes({ pool }: ProofChecking): Promise<Map<string, Buffer>> {
  const { rows } = await pool.query<{ level: number; index: string; hash: Buffer }>('select * from proof.node');
  return new Map(rows.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
}

/** One step of the check that never ends: what came last, then the next part; answers with what it found. */
export async function checkNextPart(checking: ProofChecking, signal: AbortSignal): Promise<readonly Mismatch[]> {
  const { size, checked } = await logState(checking);
  const from = checked >= size ? 0 : checked;
  const to = Math.min(from + rollingLeaves, size);
  const recent = Math.max(0, size - recentLeaves);
  const parts = to < recent ? [range(from, to), range(recent, size)] : [range(Math.min(from, recent), size)];
  const found: Mismatch[] = [];
  const isExpired = await expiryIn(checking);
  for (const part of parts) {
    for await (const mismatch of checkRange(checking, part.from, part.to, signal, isExpired)) found.push(mismatch);
  }
  signal.throwIfAborted();
  const isEnd = parts.length === 1;
  await checking.pool.query(
    `update proof.log set checked_size = $1,
       wrong_in_last_pass = case when $3 then wrong_in_pass or $2 else wrong_in_last_pass end,
       wrong_in_pass = not $3 and (wrong_in_pass or $2)`,
    // A pass begins at the first leaf, however much has come since the last one ended.
    [isEnd ? 0 : to, found.length > 0, isEnd],
  );
  return found;
}

const expiryIn = ({ expiry = nothingExpires }: ProofChecking) => expiry();

const range = (from: number, to: number) => ({ from, to });

async function logState({ pool }: ProofChecking): Promise<{ size: number; checked: number }> {
  const { rows } = await pool.query<{ size: string; checked_size: string }>('select size, checked_size from proof.log');
  return { size: Number(rows[0]?.size ?? 0), checked: Number(rows[0]?.checked_size ?? 0) };
}
