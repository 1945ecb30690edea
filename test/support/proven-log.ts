import { generateKeyPairSync, sign } from 'node:crypto';
import type { QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { checkpointText } from '../../src/domain/audit-proof/checkpoint.ts';
import { signNote, type NoteKey, type Sign } from '../../src/domain/audit-proof/signed-note.ts';
import { storedBytes, type RawEvent } from '../../src/domain/audit-proof/stored-bytes.ts';
import {
  completeParts,
  consistencyRanges,
  inclusionRanges,
  joinParts,
  leafHash,
  nodeHash,
} from '../../src/domain/merkle.ts';
import type { LeafRange } from '../../src/domain/merkle.ts';
import type { AuditEntry } from '../../src/projections/audit-queries.ts';
import type { PageRequest } from '../../src/projections/cursor.ts';
import { exportLines } from '../../src/projections/proof/export.ts';
import type { ReadModels } from '../../src/projections/read-models.ts';

const { sha256 } = cryptography;
const at = '2026-01-02T03:04:05.678Z';

export const uuid = (n: number) => `0192a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export function newSigner(name: string): { key: NoteKey; sign: Sign } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { key: { name, algorithm: 1, publicKey: raw }, sign: (message) => sign(null, message, privateKey) };
}

/** An event of the size that most have, with a client and a personal field that are sealed. */
export function rawEvent(n: number, about = uuid(n % 1000)): RawEvent & { position: bigint } {
  const sealed = Buffer.from(`sealed ${n} `.repeat(8)).toString('base64url');
  const data = { userId: about, loginId: uuid(n), reason: 'wrong-password', at };
  const metadata = {
    actor: { kind: 'user', userId: about },
    requestId: `request-${n}`,
    $correlationId: uuid(n),
    $causationId: uuid(n),
    schemaVersion: 1,
    client: sealed,
    subject: about,
  };
  return {
    type: 'LoginFailed',
    stream: `test_user-${about}`,
    revision: BigInt(n),
    id: uuid(n),
    position: BigInt(n * 7 + 7),
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
}

function entryOf(event: RawEvent & { position: bigint }): AuditEntry {
  const data = JSON.parse(Buffer.from(event.data).toString()) as Record<string, string>;
  const subject = data['userId'] ?? null;
  return {
    eventId: event.id,
    position: String(event.position),
    type: event.type,
    occurredAt: at,
    actor: { kind: 'user', userId: subject ?? '' },
    subject,
    teamId: null,
    sessionId: null,
    deviceId: null,
    requestId: `request-${event.revision}`,
    correlationId: event.id,
    causationId: event.id,
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0',
    place: 'Berlin, DE',
    data,
    summary: 'Ada failed to sign in: wrong password',
  };
}

/** A log in memory with everything that is proven about it. */
export function provenLog(size: number, { signer = newSigner('log.example.org'), event = rawEvent } = {}) {
  const events = Array.from({ length: size }, (_, n) => event(n));
  const bytes = events.map(storedBytes);
  const levels: Uint8Array[][] = [bytes.map((entry) => leafHash(sha256, entry))];
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    levels.push(
      Array.from({ length: Math.floor(below.length / 2) }, (_, n) =>
        nodeHash(sha256, below[2 * n] ?? new Uint8Array(), below[2 * n + 1] ?? new Uint8Array()),
      ),
    );
  }
  const hashOf = (range: LeafRange) =>
    joinParts(
      sha256,
      completeParts(range).map(({ level, index }) => levels[level]?.[index] ?? new Uint8Array()),
    );
  const root = (of = size) => hashOf({ start: 0, end: of });
  const inclusion = (index: number, of = size) => inclusionRanges(index, of).map(hashOf);
  const consistency = (from: number, to = size) => consistencyRanges(from, to).map(hashOf);
  const base64 = (hash: Uint8Array) => Buffer.from(hash).toString('base64');
  const checkpoint = (of = size) => ({ origin: signer.key.name, size: of, root: root(of) });
  const note = (of = size) => signNote(sha256, checkpointText(checkpoint(of)), signer.key, signer.sign);

  interface Wanted {
    readonly of?: number;
    readonly wants?: (n: number) => boolean;
    readonly previousSize?: number;
    readonly entry?: (entry: AuditEntry, n: number) => AuditEntry;
  }
  async function exported({ of = size, wants, previousSize, entry = (same) => same }: Wanted = {}): Promise<string> {
    const wanted = events.flatMap((placed, n) => (wants && !wants(n) ? [] : [{ placed, n }]));
    const entries = ({ cursor, limit }: PageRequest) => {
      const after = cursor === undefined ? -1n : BigInt(Buffer.from(cursor, 'base64url').toString());
      const rest = wanted.filter(({ placed }) => placed.position > after);
      const items = rest.slice(0, limit).map(({ placed, n }) => entry(entryOf(placed), n));
      const last = items.at(-1)?.position ?? '';
      return Promise.resolve({
        items,
        ...(rest.length > limit && { nextCursor: Buffer.from(last).toString('base64url') }),
      });
    };
    const lines = exportLines({
      source: { sql: tables(events, bytes), entries, size: of },
      filters: wants ? { type: ['LoginFailed'] } : {},
      complete: wants === undefined,
      checkpoint: note(of),
      consistency:
        previousSize === undefined
          ? undefined
          : { from: previousSize, proof: consistency(previousSize, of).map(base64) },
      tree: {
        root: (s) => Promise.resolve(root(s)),
        parts: () => Promise.resolve([]),
        inclusion: (index, s) => Promise.resolve(inclusion(index, s)),
        consistency: (from, to) => Promise.resolve(consistency(from, to)),
        inclusionsOfTile: (_tile, s) => Promise.resolve((index: number) => inclusion(index, s).map(base64)),
      },
      sha256,
      signer,
    });
    let text = '';
    for await (const chunk of lines) text += chunk;
    return text;
  }
  return { events, signer, root, inclusion, consistency, checkpoint, note, exported };
}

/** What the export asks of the tables of the proofs. */
function tables(events: readonly (RawEvent & { position: bigint })[], bytes: readonly Uint8Array[]): ReadModels {
  const row = (n: number) => ({
    index: String(n),
    event_id: events[n]?.id,
    position: String(events[n]?.position),
    bytes: Buffer.from(bytes[n] ?? []),
  });
  return {
    query: <Row extends QueryResultRow>(query: string | QueryConfig) => {
      const { name, values = [] } = query as QueryConfig;
      const isWanted = (n: number) =>
        name === 'proof-leaves-between'
          ? n >= (values[0] as number) && n < (values[1] as number)
          : (values[0] as string[]).includes(String(events[n]?.position));
      const rows = events
        .map((_event, n) => n)
        .filter(isWanted)
        .map(row);
      return Promise.resolve({ rows } as unknown as QueryResult<Row>);
    },
  };
}
