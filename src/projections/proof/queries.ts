import { verifierKey, type Cryptography, type NoteKey, type Sign } from '../../domain/audit-proof/signed-note.ts';
import { leafHash, type Sha256 } from '../../domain/merkle.ts';
import type { AuditEntry } from '../audit-queries.ts';
import { cursorOf, positionOf, type Page, type PageRequest } from '../cursor.ts';
import type { ReadModels } from '../read-models.ts';
import { waitForPosition } from '../wait.ts';
import { Unavailable } from '../../application/ports.ts';
import { checkpointRows, type CheckpointRow } from './checkpoint-rows.ts';
import { exportCsv, exportLines } from './export.ts';
import { leafOfEvent, leavesBetween } from './leaves.ts';
import { proofTree, type ProofTree } from './tiles.ts';

export interface InclusionProof {
  readonly eventId: string;
  readonly index: number;
  /** Base64, as everything of bytes here. */
  readonly stored: string;
  readonly leafHash: string;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: string;
  readonly toRoot: string;
  readonly proof: readonly string[];
}

export interface ExportRequest {
  readonly format: 'ndjson' | 'csv';
  /** As asked for, for the first line. */
  readonly filters: Readonly<Record<string, unknown>>;
  readonly complete: boolean;
  readonly previousSize: number | undefined;
  readonly entries: (page: PageRequest) => Promise<Page<AuditEntry>>;
}

export type ShownCheckpoint = Omit<CheckpointRow, 'revision'>;

/** What can be proven; `undefined` where nothing is signed yet that covers it. */
export interface ProofQueries {
  /** Verifier keys (C2SP signed-note), one a line, the newest first. */
  keys(): Promise<string>;
  checkpoints(page: PageRequest): Promise<Page<ShownCheckpoint>>;
  latest(): Promise<ShownCheckpoint | undefined>;
  inclusion(eventId: string): Promise<InclusionProof | undefined>;
  /** Of sizes up to the latest checkpoint's. */
  consistency(from: number, to: number): Promise<ConsistencyProof | undefined>;
  /** Throws `Unavailable('read-model')` while the audit log is behind the checkpoint. */
  export(request: ExportRequest): Promise<AsyncIterable<string> | undefined>;
}

export interface ProofSource {
  readonly sql: ReadModels;
  readonly cryptography: Cryptography;
  readonly auditKeys: {
    keys(): Promise<readonly NoteKey[]>;
    signer(): Promise<{ readonly key: NoteKey; readonly sign: Sign }>;
  };
}

const readModelWaitMs = 2000;

export function proofQueries({ sql, cryptography, auditKeys }: ProofSource): ProofQueries {
  const { sha256 } = cryptography;
  const tree = proofTree(sql, sha256);
  const latest = async () => (await checkpointRows(sql, undefined, 1))[0];

  async function consistency(from: number, to: number) {
    const [proof, fromRoot, toRoot] = await Promise.all([tree.consistency(from, to), tree.root(from), tree.root(to)]);
    return { from, to, fromRoot: base64(fromRoot), toRoot: base64(toRoot), proof: proof.map(base64) };
  }

  return {
    keys: async () => (await auditKeys.keys()).map((key) => `${verifierKey(sha256, key)}\n`).join(''),

    async checkpoints({ cursor, limit }) {
      const after = positionOf(cursor);
      const rows = await checkpointRows(sql, after === undefined ? undefined : Number(after), limit + 1);
      const items = rows.slice(0, limit).map(shown);
      const last = items.at(-1);
      return { items, ...(rows.length > limit && last && { nextCursor: cursorOf(String(last.size)) }) };
    },

    latest: () => latest().then((row) => row && shown(row)),

    async inclusion(eventId) {
      const [checkpoint, leaf] = await Promise.all([latest(), leafOfEvent(sql, eventId)]);
      if (!checkpoint || !leaf || leaf.index >= checkpoint.size) return undefined;
      const { index, bytes } = leaf;
      const proof = (await tree.inclusion(index, checkpoint.size)).map(base64);
      const hash = base64(leafHash(sha256, bytes));
      return { eventId, index, stored: base64(bytes), leafHash: hash, proof, checkpoint: checkpoint.note };
    },

    async consistency(from, to) {
      const checkpoint = await latest();
      return checkpoint && to <= checkpoint.size && from <= to ? consistency(from, to) : undefined;
    },

    export: async (request) => {
      const checkpoint = await latest();
      if (!checkpoint) return undefined;
      const { previousSize } = request;
      await untilAuditLogHas(sql, checkpoint.size);
      const comparable = previousSize !== undefined && previousSize <= checkpoint.size;
      const earlier = comparable ? await consistency(previousSize, checkpoint.size) : undefined;
      return exportOf(request, { sql, tree, sha256, checkpoint, earlier, signer: await auditKeys.signer() });
    },
  };
}

interface ExportOf extends Pick<ProofSource, 'sql'> {
  readonly tree: ProofTree;
  readonly sha256: Sha256;
  readonly checkpoint: CheckpointRow;
  readonly earlier: ConsistencyProof | undefined;
  readonly signer: Awaited<ReturnType<ProofSource['auditKeys']['signer']>>;
}

function exportOf({ format, filters, complete, entries }: ExportRequest, of: ExportOf): AsyncIterable<string> {
  const { sql, tree, sha256, checkpoint, earlier, signer } = of;
  const consistency = earlier && { from: earlier.from, proof: earlier.proof };
  const source = { sql, entries, size: checkpoint.size };
  const wanted = { source, filters, complete, checkpoint: checkpoint.note, consistency, tree, sha256, signer };
  return format === 'ndjson' ? exportLines(wanted) : exportCsv(wanted);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

const shown = ({ revision: _revision, ...row }: CheckpointRow): ShownCheckpoint => row;

async function untilAuditLogHas(sql: ReadModels, size: number): Promise<void> {
  const [last] = size === 0 ? [] : await leavesBetween(sql, size - 1, size);
  if (last === undefined) return;
  const reached = await waitForPosition(sql, ['audit_log'], BigInt(last.position), readModelWaitMs);
  if (!reached) throw new Unavailable('read-model');
}
