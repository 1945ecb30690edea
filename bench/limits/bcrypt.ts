import bcrypt from 'bcrypt';
import { parseArgs } from 'node:util';

// Hashes as many passwords as the machine can, eight at a time, and says how many a second.
const { values } = parseArgs({ options: { cost: { type: 'string' }, seconds: { type: 'string' } } });
const password = 'a river under the old bridge';
const hash = await bcrypt.hash(password, Number(values.cost));
const started = performance.now();
const end = started + Number(values.seconds) * 1000;
let done = 0;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (performance.now() < end) {
      await bcrypt.compare(password, hash);
      done += 1;
    }
  }),
);
process.stdout.write(String((done * 1000) / (performance.now() - started)));
