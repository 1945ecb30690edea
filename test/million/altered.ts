import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { eventKnowledge } from '../../src/adapters/event-knowledge.ts';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { eachLine } from '../../src/cli/audit/each-line.ts';
import type { Checkpoint } from '../../src/domain/audit-proof/checkpoint.ts';
import type { NoteKey } from '../../src/domain/audit-proof/signed-note.ts';
import { exportVerifier, WrongLine } from '../../src/domain/audit-proof/verify-export.ts';

/** What somebody has who does not trust the service. */
interface Keeping {
  readonly key: NoteKey;
  readonly previous: Checkpoint;
}

/** What is given instead of a line. */
export type Altered = (line: Buffer, number: number) => readonly Buffer[];

/** The line that the verifier names, or nothing. Lines are numbered from 1. */
export async function wrongLine(
  { key, previous }: Keeping,
  chunks: AsyncIterable<Buffer>,
  altered: Altered,
): Promise<number | undefined> {
  const verifier = exportVerifier({ cryptography, keys: [key], previous, knowledge: eventKnowledge });
  let number = 0;
  try {
    await eachLine(chunks, (line) => {
      number += 1;
      for (const given of altered(line, number)) verifier.line(given);
    });
    verifier.end();
    return undefined;
  } catch (error) {
    if (error instanceof WrongLine) return error.line;
    throw error;
  }
}

/** A whole file. */
export async function* atOnce(bytes: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield bytes;
}

export const linesOf = (file: string) =>
  createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;

export function turned(line: Buffer, at: number, mask: number): Buffer {
  const changed = Buffer.from(line);
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}

/** The line at this place and the one after it. */
function swapped(at: number): Altered {
  let kept: Buffer | undefined;
  return (line, number) => {
    if (number === at) {
      kept = Buffer.from(line);
      return [];
    }
    return number === at + 1 && kept ? [line, kept] : [line];
  };
}

export async function endOf(file: string): Promise<string> {
  const { size } = await stat(file);
  const parts: Buffer[] = [];
  for await (const part of createReadStream(file, { start: size - 1000 })) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

export interface Alteration {
  readonly what: string;
  readonly line: number;
  readonly altered: (line: number) => Altered;
}

/** Each in a place by chance of an export of so many entries. */
export function alterations(size: number, random: () => number): readonly Alteration[] {
  const near = (share: number) => 2 + Math.floor(size * (share + random() * 0.05));
  return [
    ...[0.02, 0.4, 0.9].map((share) => ({
      what: `a byte changed at ${share}`,
      line: near(share),
      altered:
        (at: number): Altered =>
        (line, number) => [number === at ? turned(line, Math.floor(random() * line.length), 1) : line],
    })),
    { what: 'a line left out', line: near(0.3), altered: (at) => (line, number) => (number === at ? [] : [line]) },
    {
      what: 'a line doubled',
      line: near(0.1),
      altered: (at) => (line, number) => (number === at - 1 ? [line, line] : [line]),
    },
    { what: 'two lines swapped', line: near(0.2), altered: swapped },
  ];
}
