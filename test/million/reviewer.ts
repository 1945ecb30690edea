import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'vitest';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { openCheckpoint, type Checkpoint } from '../../src/domain/audit-proof/checkpoint.ts';
import type { NoteKey } from '../../src/domain/audit-proof/signed-note.ts';
import { leafHash } from '../../src/domain/merkle.ts';
import { verifiesConsistency, verifiesInclusion } from '../../src/domain/merkle-verification.ts';
import { timed } from './figures.ts';

export interface Entry {
  readonly eventId: string;
  readonly position: string;
  readonly type: string;
  readonly subject: string | null;
  readonly teamId: string | null;
  readonly sessionId: string | null;
  readonly deviceId: string | null;
  readonly summary: string;
}

interface Proven {
  readonly index: number;
  readonly stored: string;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

const bytesOf = (text: string) => Buffer.from(text, 'base64');

/** Of this log, or it throws. */
export function opened(key: NoteKey, note: string): Checkpoint {
  const checkpoint = openCheckpoint(cryptography, note, [key]);
  if (!checkpoint) throw new Error(`Not signed by this log:\n${note}`);
  return checkpoint;
}

/** Somebody of the platform team who asks the service, and checks what it proves. `bearer`: of their present session. */
export function reviewerOf(apiUrl: string, key: NoteKey, bearer: () => string) {
  async function get(path: string): Promise<Record<string, unknown>> {
    const answer = await fetch(apiUrl + path, { headers: { authorization: `Bearer ${bearer()}` } });
    const body = (await answer.json()) as Record<string, unknown>;
    expect(answer.status, `${path}: ${JSON.stringify(body)}`).toBe(200);
    return body;
  }

  async function exported(query: string, file: string): Promise<void> {
    const url = `${apiUrl}/v1/audit/export${query}`;
    const { status, body } = await fetch(url, { headers: { authorization: `Bearer ${bearer()}` } });
    expect(status).toBe(200);
    if (body === null) throw new Error('Nothing was exported.');
    await pipeline(Readable.fromWeb(body), createWriteStream(file));
  }

  async function isProven(eventId: string): Promise<boolean> {
    const { index, stored, proof, checkpoint } = (await get(
      `/v1/audit/proofs/inclusion?eventId=${eventId}`,
    )) as unknown as Proven;
    const { size, root } = opened(key, checkpoint);
    const leaf = leafHash(cryptography.sha256, bytesOf(stored));
    return verifiesInclusion(cryptography.sha256, { index, size, root, proof: proof.map(bytesOf), leafHash: leaf });
  }

  /** The newest checkpoint, from an earlier one. */
  async function goesOn(first: Checkpoint): Promise<void> {
    const to = opened(key, String((await get('/v1/audit/checkpoints/latest'))['note']));
    const { proof } = await get(`/v1/audit/proofs/consistency?from=${first.size}&to=${to.size}`);
    const [fromRoot, toRoot] = [first.root, to.root];
    const shown = { from: first.size, to: to.size, fromRoot, toRoot, proof: (proof as string[]).map(bytesOf) };
    expect(verifiesConsistency(cryptography.sha256, shown)).toBe(true);
  }

  /** All pages, or so many; none may have what another has, and positions go down. */
  async function pagesOf(search: string, times: number[], most = 1000): Promise<{ rows: Entry[] }> {
    const rows: Entry[] = [];
    let cursor = '';
    for (let page = 0; page < most; page += 1) {
      const [body, milliseconds] = await timed(() => get(`/v1/audit/events?${search}&limit=100${cursor}`));
      times.push(milliseconds);
      rows.push(...(body['items'] as Entry[]));
      const { nextCursor } = body as { nextCursor?: string };
      if (nextCursor === undefined) break;
      cursor = `&cursor=${nextCursor}`;
    }
    const positions = rows.map(({ position }) => BigInt(position));
    for (const [n, position] of positions.entries()) {
      if (n > 0) expect(position < (positions[n - 1] ?? 0n), `${search} at ${n}`).toBe(true);
    }
    return { rows };
  }

  const erase = (userId: string) =>
    fetch(`${apiUrl}/v1/users/${userId}/erase`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer()}` },
    });

  return { get, exported, isProven, goesOn, pagesOf, erase };
}

/** One for each filter, by what some entries say; each finds something. */
export function searchesFor(entries: readonly Entry[], window: string): readonly string[] {
  const ofOne = (name: 'teamId' | 'sessionId' | 'deviceId') =>
    entries.flatMap((entry) => entry[name] ?? []).slice(0, 1);
  const [subject] = entries.flatMap((entry) => entry.subject ?? []);
  return [
    `subject=${String(subject)}`,
    `subject=${String(subject)}&type=SessionStarted`,
    `actor=${String(subject)}`,
    ...ofOne('teamId').map((id) => `team=${id}`),
    ...ofOne('sessionId').map((id) => `session=${id}`),
    ...ofOne('deviceId').map((id) => `device=${id}`),
    window,
    `type=TeamCreated&${window}`,
  ];
}
