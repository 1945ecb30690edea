import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { Environment } from './environment.ts';
import type { Row } from './row.ts';
import { tableOf } from './table.ts';

export interface Result {
  readonly environment: Environment;
  readonly rows: readonly Row[];
}

export const results = new URL('./results/', import.meta.url);
const readme = new URL('../README.md', import.meta.url);

const begin = '<!-- bench: begin -->';
const end = '<!-- bench: end -->';

/** What the README shows of a result. */
function shown({ environment, rows }: Result): string {
  const { at, commit, node, cpu, cores, memoryGb, peer } = environment;
  const where = `Measured at ${at} at commit ${commit}: Node ${node}, ${cores} cores (${cpu}), ${memoryGb} GB, beside ${peer}.`;
  return `${begin}\n<!-- prettier-ignore-start -->\n\n${where}\n\n${tableOf(rows)}\n<!-- prettier-ignore-end -->\n${end}`;
}

/** The README with the table of this result between its markers. */
export function withTable(text: string, result: Result): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}.`);
  return text.slice(0, from) + shown(result) + text.slice(to + end.length);
}

/** The newest result of all rows that was kept; results of `--quick` say little and do not count. */
export async function newestResult(folder = results): Promise<Result | undefined> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  for (const file of files.sort().reverse()) {
    const result = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as Result;
    const { quick, only = [] } = result.environment;
    if (!quick && only.length === 0) return result;
  }
  return undefined;
}

export async function writeReadme(): Promise<void> {
  const result = await newestResult();
  if (result === undefined) throw new Error('There is no result yet: run npm run bench first.');
  await writeFile(readme, withTable(await readFile(readme, 'utf8'), result));
}
