import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cryptography } from '../../adapters/node-cryptography.ts';
import { eventKnowledge } from '../../adapters/event-knowledge.ts';
import { openCheckpoint, type Checkpoint } from '../../domain/audit-proof/checkpoint.ts';
import { parseVerifierKey, type NoteKey } from '../../domain/audit-proof/signed-note.ts';
import { exportVerifier, WrongLine, type VerifiedExport } from '../../domain/audit-proof/verify-export.ts';
import { eachLine } from './each-line.ts';
import { progressOf, type Terminal } from './progress.ts';

const chunkBytes = 1024 * 1024;

class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * `mbauth audit verify FILE --key KEYFILE [--previous CHECKPOINT]`. Answers 0 with a summary, 1 where a line is wrong, 2
 * where a file cannot be read. Needs no network and no configuration. Throws a `TypeError` for options that are none.
 */
export async function verifyFile(args: readonly string[], out: Terminal): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { key: { type: 'string' }, previous: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1 || values.key === undefined) {
    out.write('mbauth audit verify <file> --key <keyfile> [--previous <checkpoint>]\n');
    return 2;
  }
  try {
    const keys = await keysIn(values.key);
    const previous = values.previous === undefined ? undefined : await checkpointIn(values.previous, keys);
    const verifier = exportVerifier({ cryptography, keys, previous, knowledge: eventKnowledge });
    await linesOf(file, out, (line) => {
      verifier.line(line);
    });
    out.write(summary(verifier.end()));
    return 0;
  } catch (error) {
    if (error instanceof WrongLine) {
      out.write(`Line ${error.line} is wrong: ${error.message}.\n`);
      return 1;
    }
    if (error instanceof Unreadable || hasErrno(error)) {
      out.write(`${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

async function linesOf(file: string, out: Terminal, onLine: (line: Buffer) => void): Promise<void> {
  const progress = progressOf(out, (await stat(file)).size);
  try {
    await eachLine(progress.through(createReadStream(file, { highWaterMark: chunkBytes })), onLine);
  } finally {
    progress.stop();
  }
}

async function keysIn(path: string): Promise<NoteKey[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const keys = lines.map((line) => parseVerifierKey(cryptography.sha256, line.trim()));
  const known = keys.filter((key) => key !== undefined);
  if (known.length === 0 || known.length < keys.length) throw new Unreadable(`${path} does not hold verifier keys.`);
  return known;
}

async function checkpointIn(path: string, keys: readonly NoteKey[]): Promise<Checkpoint> {
  const checkpoint = openCheckpoint(cryptography, await readFile(path, 'utf8'), keys);
  if (!checkpoint) throw new Unreadable(`${path} does not hold a checkpoint signed by this key.`);
  return checkpoint;
}

const hasErrno = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code);

function summary({ checkpoint, complete, filters, count, previous }: VerifiedExport): string {
  const { origin, size, root } = checkpoint;
  const asked = Object.entries(filters).map(([name, value]) => `${name}=${String(value)}`);
  const extent = complete
    ? 'complete: every event of the checkpoint is there'
    : `not complete: ${asked.length > 0 ? asked.join(', ') : 'what one reader may see'}; what is left out cannot be told`;
  const since = previous ? [`It goes on from the previous checkpoint over ${previous.size} events.`] : [];
  return [
    `${count} entries are as ${origin} signed them.`,
    `The export is ${extent}.`,
    `Its checkpoint is over ${size} events, root ${Buffer.from(root).toString('base64')}.`,
    ...since,
    'Not proven, for the log holds them encrypted: personal fields, and names in summaries. They are as the service exported them.',
    '',
  ].join('\n');
}
