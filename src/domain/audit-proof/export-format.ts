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

type WrittenEntry = Omit<ExportEntry, 'entry'> & { readonly entry: object | null };

/** Makes the lines one after the other; the chain after each. */
export function chainedLines(sha256: Sha256) {
  const chain = chainOf(sha256);
  /** `content` is the JSON of an object but for its last brace. */
  const follow = (content: string) => `${content}${chainField}${base64(chain.addText(content))}"}\n`;
  return {
    line: (value: ExportHeader | ExportEntry): string => follow(JSON.stringify(value).slice(0, -1)),
    /** The same line, written out: base64 has nothing to escape, and it is most of it. */
    entry: ({ index, entry, stored, proof }: WrittenEntry): string =>
      follow(
        `{"index":${index},"entry":${JSON.stringify(entry)},"stored":"${stored}","proof":[${
          proof.length === 0 ? '' : `"${proof.join('","')}"`
        }]`,
      ),
    chain: () => base64(chain.last()),
  };
}

/** Follows the chain of a file; `false` for a line that is not what was written. */
export function chainReader(sha256: Sha256) {
  const chain = chainOf(sha256);
  return {
    accepts(line: Buffer): boolean {
      const end = line.length - chainTail;
      if (end < 1) return false;
      const expected = `${chainField}${base64(chain.add(line.subarray(0, end)))}"}`;
      return line.toString('latin1', end) === expected;
    },
    chain: () => base64(chain.last()),
  };
}

const linkBytes = 32;
/** UTF-8 of one UTF-16 unit, at most. */
const bytesOfUnit = 3;

/** Each link over the one before it and some content, in one buffer that is used again. */
function chainOf(sha256: Sha256) {
  let last: Uint8Array = new Uint8Array(0);
  let input = Buffer.alloc(16 * 1024);
  const begin = (contentBytes: number) => {
    if (input.length < linkBytes + contentBytes) input = Buffer.alloc(2 * (linkBytes + contentBytes));
    input.set(last);
    return last.length;
  };
  const end = (length: number) => (last = sha256(input.subarray(0, length)));
  return {
    add(content: Uint8Array): Uint8Array {
      const at = begin(content.length);
      input.set(content, at);
      return end(at + content.length);
    },
    addText(content: string): Uint8Array {
      const at = begin(content.length * bytesOfUnit);
      return end(at + input.write(content, at));
    },
    last: () => last,
  };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
