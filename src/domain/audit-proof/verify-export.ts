import { compactRange, type CompactRange } from '../compact-range.ts';
import { leafHash } from '../merkle.ts';
import { sameBytes, verifiesConsistency } from '../merkle-verification.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import {
  chainReader,
  exportFormat,
  sealText,
  type ExportEntry,
  type ExportHeader,
  type ExportTrailer,
} from './export-format.ts';
import { inclusionRun } from './inclusion-run.ts';
import { firstDisagreement, type EventKnowledge } from './readable.ts';
import { canonicalBase64, isSignedBy, parseNote, type Cryptography, type NoteKey } from './signed-note.ts';
import { DamagedBytes, rawEventOf } from './stored-bytes.ts';

export interface Verification {
  readonly cryptography: Cryptography;
  readonly keys: readonly NoteKey[];
  /** What the reader kept of an earlier time. */
  readonly previous?: Checkpoint | undefined;
  readonly knowledge: EventKnowledge;
}

export interface VerifiedExport {
  readonly checkpoint: Checkpoint;
  readonly complete: boolean;
  readonly filters: Readonly<Record<string, unknown>>;
  readonly count: number;
  readonly previous: Checkpoint | undefined;
}

/** The first line that is not right, from 1, and why. */
export class WrongLine extends Error {
  override readonly name = 'WrongLine';
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

export interface ExportVerifier {
  /** A line without its newline. Throws `WrongLine`. */
  line(bytes: Buffer): void;
  /** After the last line. Throws `WrongLine`. */
  end(): VerifiedExport;
}

interface Opened {
  readonly header: ExportHeader;
  readonly checkpoint: Checkpoint;
  readonly includes: ReturnType<typeof inclusionRun>;
  readonly range: CompactRange;
  count: number;
  lastIndex: number;
  lastPosition: bigint;
  sealed: boolean;
}

/** Why a line is wrong. */
type Reason = string | undefined;
type Chain = ReturnType<typeof chainReader>;

const changedBytes = 'its bytes are not those that were exported';

/** Verifies an export line by line, in flat memory, with nothing but the lines and the keys. */
export function exportVerifier(verification: Verification): ExportVerifier {
  const chain = chainReader(verification.cryptography.sha256);
  let opened: Opened | undefined;
  let number = 0;

  function reasonAgainst(bytes: Buffer): Reason {
    if (opened?.sealed) return 'it comes after the trailer';
    if (opened && isTrailer(bytes)) return trailerReason(verification, opened, chain, bytes);
    if (!chain.accepts(bytes)) return changedBytes;
    if (opened) return entryReason(verification, opened, bytes);
    const first = openedBy(verification, bytes);
    if (typeof first === 'string') return first;
    opened = first;
    return undefined;
  }

  return {
    line(bytes) {
      number += 1;
      const reason = reasonAgainst(bytes);
      if (reason !== undefined) throw new WrongLine(number, reason);
    },
    end() {
      if (!opened?.sealed) throw new WrongLine(number + 1, 'the export ends without its trailer');
      const { header, checkpoint, count } = opened;
      const { previous } = verification;
      return { checkpoint, complete: header.complete, filters: header.filters, count, previous };
    },
  };
}

const isTrailer = (bytes: Buffer) => bytes.toString('latin1', 0, 9) === '{"count":';

function openedBy(verification: Verification, bytes: Buffer): Opened | string {
  const { cryptography, previous, keys } = verification;
  const header = parsed(bytes) as ExportHeader | undefined;
  if (header?.format !== exportFormat) return 'it is not the first line of an export';
  const checkpoint = openCheckpoint(cryptography, header.checkpoint, keys);
  if (!checkpoint) return 'its checkpoint is not signed by this key';
  const reason = previous && contradiction(verification, header, checkpoint, previous);
  if (reason !== undefined) return reason;
  const includes = inclusionRun(cryptography.sha256, checkpoint.size, checkpoint.root);
  const range = compactRange(cryptography.sha256);
  return { header, checkpoint, includes, range, count: 0, lastIndex: -1, lastPosition: -1n, sealed: false };
}

function entryReason({ cryptography, knowledge, previous }: Verification, opened: Opened, bytes: Buffer): Reason {
  const line = parsed(bytes) as ExportEntry | undefined;
  if (!isEntry(line)) return 'it is no entry';
  const { index } = line;
  const misplaced = orderReason(opened, index);
  if (misplaced !== undefined) return misplaced;
  const stored = canonicalBase64(line.stored);
  if (!stored) return 'its stored bytes are not base64';
  const leaf = leafHash(cryptography.sha256, stored);
  if (!opened.includes(index, leaf, line.proof)) return 'its stored bytes are not those in the signed log';
  const unreadable = readableReason(opened, line.entry, stored, knowledge);
  if (unreadable !== undefined) return unreadable;
  opened.lastIndex = index;
  opened.count += 1;
  return opened.header.complete ? pastReason(opened.range, leaf, previous) : undefined;
}

function orderReason({ header, lastIndex }: Opened, index: number): Reason {
  if (index <= lastIndex) return `index ${index} does not come after ${lastIndex}`;
  return header.complete && index !== lastIndex + 1 ? `index ${lastIndex + 1} is left out` : undefined;
}

function readableReason(
  opened: Opened,
  shown: ExportEntry['entry'],
  stored: Uint8Array,
  knowledge: EventKnowledge,
): Reason {
  if (shown === null) return 'it has no readable form: the audit log of the service lacks the event';
  const field = disagreement(shown, stored, knowledge);
  if (field !== undefined) return `its readable ${field} is not what its stored bytes say`;
  const position = positionOf(shown);
  if (position === undefined || position <= opened.lastPosition) return 'its position does not rise with its index';
  opened.lastPosition = position;
  return undefined;
}

function pastReason(range: CompactRange, leaf: Uint8Array, previous: Checkpoint | undefined): Reason {
  range.append(leaf);
  if (range.size !== previous?.size || sameBytes(range.root(), previous.root)) return undefined;
  return `the first ${previous.size} events are not those of the previous checkpoint`;
}

function trailerReason(verification: Verification, opened: Opened, chain: Chain, bytes: Buffer): Reason {
  const { header, checkpoint, range, count } = opened;
  const line = parsed(bytes) as Partial<ExportTrailer> | undefined;
  if (typeof line?.count !== 'number' || typeof line.seal !== 'string') return 'it is no trailer';
  if (JSON.stringify({ count: line.count, seal: line.seal }) !== bytes.toString()) return changedBytes;
  if (line.count !== count) return `it counts ${line.count} entries, there are ${count}`;
  if (!isSealed(verification, checkpoint.origin, line.seal, sealText(checkpoint.origin, count, chain.chain()))) {
    return 'its seal is not one of this key over the lines before it';
  }
  opened.sealed = true;
  if (!header.complete) return undefined;
  if (count !== checkpoint.size) return `index ${count} is left out`;
  return sameBytes(range.root(), checkpoint.root) ? undefined : 'the entries are not the signed log';
}

function isSealed({ cryptography, keys }: Verification, origin: string, seal: string, text: string): boolean {
  const note = parseNote(seal);
  if (note?.text !== text || note.signatures.length !== 1) return false;
  return keys.some((key) => key.name === origin && key.algorithm === 1 && isSignedBy(cryptography, note, key));
}

/** Why an export does not go on from the previous checkpoint; what a complete one shows by its entries comes later. */
function contradiction(
  { cryptography }: Verification,
  { complete, consistency }: ExportHeader,
  checkpoint: Checkpoint,
  previous: Checkpoint,
): string | undefined {
  if (previous.origin !== checkpoint.origin) return 'its checkpoint is another log’s than the previous one';
  if (previous.size > checkpoint.size) {
    return `the log was rolled back: it had ${previous.size} events and has ${checkpoint.size}`;
  }
  const inconsistent = 'its checkpoint contradicts the previous one: the log was changed or rolled back in between';
  if (previous.size === checkpoint.size) {
    return sameBytes(previous.root, checkpoint.root) ? undefined : inconsistent;
  }
  if (complete || previous.size === 0) return undefined;
  if (consistency?.from !== previous.size) {
    return `it has no consistency proof from the previous checkpoint; export with previousSize=${previous.size}`;
  }
  return isContinued(cryptography, consistency.proof, previous, checkpoint) ? undefined : inconsistent;
}

function isContinued(
  { sha256 }: Cryptography,
  hashes: readonly string[],
  { size: from, root: fromRoot }: Checkpoint,
  { size: to, root: toRoot }: Checkpoint,
): boolean {
  const proof = hashes.map(canonicalBase64);
  if (!proof.every((hash) => hash !== undefined)) return false;
  return verifiesConsistency(sha256, { from, to, proof, fromRoot, toRoot });
}

function parsed(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const isEntry = (line: Partial<ExportEntry> | undefined): line is ExportEntry =>
  Number.isSafeInteger(line?.index) &&
  typeof line?.stored === 'string' &&
  typeof line.entry === 'object' &&
  Array.isArray(line.proof);

function disagreement(
  shown: NonNullable<ExportEntry['entry']>,
  stored: Uint8Array,
  knowledge: EventKnowledge,
): string | undefined {
  try {
    return firstDisagreement(shown, rawEventOf(stored), knowledge);
  } catch (error) {
    if (error instanceof DamagedBytes) return 'form';
    throw error;
  }
}

function positionOf({ position }: NonNullable<ExportEntry['entry']>): bigint | undefined {
  return typeof position === 'string' && /^\d{1,20}$/.test(position) ? BigInt(position) : undefined;
}
