import type { Sha256 } from '../merkle.ts';

/**
 * An export is lines of JSON. Each but the trailer ends with its chain: SHA-256 over the chain before it and the bytes
 * of the line up to the field `chain`, so that a changed byte shows in its own line. The trailer signs the last one.
 */
export const exportFormat = 'mbauth-audit-export/1';

export interface ExportHeader {
  readonly format: typeof exportFormat;
  readonly filters: Readonly<Record<string, unknown>>;
  /** Every event of the checkpoint is there; else what the filters and the rights of the reader let through. */
  readonly complete: boolean;
  /** A signed note. */
  readonly checkpoint: string;
  /** From an earlier checkpoint, where it was asked for. */
  readonly consistency?: { readonly from: number; readonly proof: readonly string[] };
}

export interface ExportEntry {
  readonly index: number;
  readonly entry: Readonly<Record<string, unknown>> | null;
  /** Base64 of `storedBytes`. */
  readonly stored: string;
  /** RFC 6962 §2.1.1, base64, the nearest first. */
  readonly proof: readonly string[];
}

export interface ExportTrailer {
  readonly count: number;
  /** A note signed by the log's key over `sealText`. */
  readonly seal: string;
}

/** Names another thing than a checkpoint does by its first line, so that neither can stand for the other. */
export function sealText(origin: string, count: number, chain: string): string {
  return `${origin}/export\n${count}\n${chain}\n`;
}

const chainField = ',"chain":"';
const chainTail = Buffer.from(`${'='.repeat(44)}"}`).length + chainField.length;

/** Makes the lines one after the other; the chain after each. */
export function chainedLines(sha256: Sha256) {
  let chain: Uint8Array = new Uint8Array(0);
  return {
    line(value: ExportHeader | ExportEntry): string {
      const content = JSON.stringify(value).slice(0, -1);
      chain = sha256(Buffer.concat([chain, Buffer.from(content)]));
      return `${content}${chainField}${base64(chain)}"}\n`;
    },
    chain: () => base64(chain),
  };
}

/** Follows the chain of a file; `false` for a line that is not what was written. */
export function chainReader(sha256: Sha256) {
  let chain: Uint8Array = new Uint8Array(0);
  return {
    accepts(line: Buffer): boolean {
      const end = line.length - chainTail;
      if (end < 1) return false;
      chain = sha256(Buffer.concat([chain, line.subarray(0, end)]));
      return line.toString('latin1', end) === `${chainField}${base64(chain)}"}`;
    },
    chain: () => base64(chain),
  };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
