import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from '../bench.ts';
import { row } from '../row.ts';
import { rounded } from '../statistics.ts';
import type { measureProofs } from '../../test/support/audit-bench.ts';

const process_ = fileURLToPath(new URL('../proofs-process.ts', import.meta.url));
const million = 1_000_000;

/** What is proven about the audit log, over a log of so many made-up events in its tables. */
export const proofs: Measurement = {
  name: 'proofs',
  limitSeconds: 420,
  run: async ({ stores, size }) => {
    const args = ['--import', 'tsx', process_, String(size.events)];
    const env = { ...process.env, TEST_POSTGRES_URL: stores.databaseUrl };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    const found = JSON.parse(stdout) as Awaited<ReturnType<typeof measureProofs>>;
    const entries = `${found.size.toLocaleString('en')} entries`;
    const verifySeconds = found.size / found.verifiedPerSecond;
    return [
      row(
        {
          name: `export of ${entries} with proofs`,
          unit: '/s',
          ours: found.exportedPerSecond,
          note: `${found.mostMemoryMb} MB at the most; personal fields are not opened, nothing crosses a network`,
        },
        '≥ 30,000/s, flat memory',
        (value) => value >= 30_000,
      ),
      row(
        {
          name: `verify ${entries} offline`,
          unit: 's',
          ours: verifySeconds,
          note: `${found.verifiedPerSecond.toLocaleString('en')} entries/s`,
        },
        '≤ 30 s for 1 million',
        () => million / found.verifiedPerSecond <= 30,
      ),
      row(
        {
          name: `inclusion proof at ${entries}, p95`,
          unit: 'ms',
          ours: found.proofP95Ms,
          note: `p50 ${rounded(found.proofP50Ms)} ms; out of the tables, without HTTP`,
        },
        '≤ 5 ms',
        (value) => value <= 5,
      ),
      row(
        {
          name: `taken into the proofs, ${entries}`,
          unit: 'events/s',
          ours: found.takenInPerSecond,
          note: 'leaf, nodes and bytes of each event; commits are not waited for',
        },
        '≥ 20,000/s',
        (value) => value >= 20_000,
      ),
    ];
  },
};
