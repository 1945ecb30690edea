import type { Row } from './row.ts';
import { rounded } from './statistics.ts';

const ratioOf = ({ ratio }: Row): string => (ratio === null ? '' : `${rounded(ratio)} ×`);
const metOf = ({ met }: Row): string => (met === null ? '' : met ? 'yes' : 'no');
const againstOf = ({ against }: Row): string =>
  against === null ? '' : `${rounded(against.figure)} (${against.what})`;

const oursOf = ({ ours, unit }: Row): string => (ours === null ? 'not measured' : `${rounded(ours)} ${unit}`);

/** For whoever watches the run. */
export const lineOf = (row: Row): string => `${row.name}: ${oursOf(row)} ${ratioOf(row)}`.trimEnd();

/** As Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    oursOf(row),
    againstOf(row),
    ratioOf(row),
    row.goal ?? '',
    metOf(row),
    row.note,
  ]);
  const head = ['what', 'ours', 'against', 'ratio', 'goal', 'met', 'note'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
