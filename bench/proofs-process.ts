import { measureProofs } from '../test/support/audit-bench.ts';

// In a process of its own, so that its memory is that of the export and the check alone.
process.stdout.write(JSON.stringify(await measureProofs(Number(process.argv[2]))));
