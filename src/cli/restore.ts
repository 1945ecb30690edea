import type { Pool } from 'pg';
import { emptyWhatIsAhead } from '../projections/after-restore.ts';

export interface RestoreCommands {
  readonly pool: Pool;
  readonly head: () => Promise<bigint | undefined>;
  readonly out: NodeJS.WritableStream;
}

/** `mbauth restore finish` */
export async function finishRestore({ pool, head: headOf, out }: RestoreCommands): Promise<void> {
  const head = await headOf();
  const { readModels, proof, reactions, snapshots, answers } = await emptyWhatIsAhead(pool, head);
  const lines = [
    readModels.length > 0 && `read models, made anew at the next start: ${readModels.join(', ')}`,
    proof && 'what the tree of the audit log has of later events; it goes on from the end of the log',
    reactions && 'the place that the reactions had come to, which is the end of the log now',
    snapshots > 0 && `${snapshots} snapshots`,
    answers > 0 && `${answers} answers kept for repeated requests`,
  ].filter((line) => line !== false);
  out.write(`The log ends at ${String(head ?? 'its start')}.\n`);
  if (lines.length === 0) out.write('Nothing in the database is ahead of it.\n');
  else out.write(`The database was ahead of it. Emptied:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
