import { chainedLines, exportFormat, sealText } from '../../domain/audit-proof/export-format.ts';
import { signNote, type NoteKey, type Sign } from '../../domain/audit-proof/signed-note.ts';
import type { Sha256 } from '../../domain/merkle.ts';
import type { AuditEntry } from '../audit-queries.ts';
import { csvHeader, csvRow } from './csv.ts';
import { everyEvent, matchingEvents, type ExportedEvent, type ExportSource } from './export-pages.ts';
import { tileWidth, type ProofTree } from './tiles.ts';

/** A chunk is what waits for a slow client at most. */
const linesInChunk = 64;

export interface AuditExport {
  readonly source: ExportSource;
  readonly filters: Readonly<Record<string, unknown>>;
  readonly complete: boolean;
  /** A signed note. */
  readonly checkpoint: string;
  readonly consistency: { readonly from: number; readonly proof: readonly string[] } | undefined;
  readonly tree: ProofTree;
  readonly sha256: Sha256;
  readonly signer: { readonly key: NoteKey; readonly sign: Sign };
}

const pagesOf = ({ complete, source }: AuditExport) => (complete ? everyEvent(source) : matchingEvents(source));

/** See `ExportHeader`. */
export async function* exportLines(wanted: AuditExport): AsyncGenerator<string> {
  const { filters, complete, checkpoint, consistency, sha256, signer, source } = wanted;
  const lines = chainedLines(sha256);
  const proofOf = proofsInOrder(wanted.tree, source.size);
  let count = 0;
  yield lines.line({ format: exportFormat, filters, complete, checkpoint, ...(consistency && { consistency }) });
  for await (const page of pagesOf(wanted)) {
    for (let at = 0; at < page.length; at += linesInChunk) {
      let chunk = '';
      for (const { leaf, entry } of page.slice(at, at + linesInChunk)) {
        const { index, bytes } = leaf;
        const found = proofOf(index);
        // What is there already is not waited for: it is for all but one of 256.
        const proof = Array.isArray(found) ? found : await found;
        chunk += lines.entry({ index, entry, stored: bytes.toString('base64'), proof });
        count += 1;
      }
      yield chunk;
    }
  }
  const { key, sign } = signer;
  yield `${JSON.stringify({ count, seal: signNote(sha256, sealText(key.name, count, lines.chain()), key, sign) })}\n`;
}

/** For spreadsheets: without proofs. */
export async function* exportCsv(wanted: AuditExport): AsyncGenerator<string> {
  yield csvHeader;
  const entriesIn = (page: readonly ExportedEvent[]) =>
    page.flatMap(({ entry }): AuditEntry[] => (entry ? [entry] : []));
  for await (const page of pagesOf(wanted)) yield entriesIn(page).map(csvRow).join('');
}

/** Neighbours stand in one tile, whose proofs are computed together. */
function proofsInOrder(tree: ProofTree, size: number): (index: number) => Promise<string[]> | string[] {
  let current: { tile: number; proofOf: (index: number) => Promise<string[]> | string[] } | undefined;
  return (index) => {
    const tile = Math.floor(index / tileWidth);
    if (current?.tile === tile) return current.proofOf(index);
    return tree.inclusionsOfTile(tile, size).then((proofOf) => {
      current = { tile, proofOf };
      return proofOf(index);
    });
  };
}
