import { freshDatabase } from './database.ts';
import { testLog } from './log.ts';
import { all } from './everything.ts';
import { completeLogin, register, startLogin, verify } from './story.ts';
import { silent, start } from './support.ts';
import { rebuildProjections } from '../../src/projections/rebuild.ts';
const N = Number(process.argv[2] ?? 20000);
const db = await freshDatabase();
const log = testLog();
for (let n = 1; n <= N; n++) {
  register(log, n);
  verify(log, n);
  startLogin(log, n, 1);
  completeLogin(log, n, 1);
}
const total = log.recorded.length;
console.log('events', total);
const only = process.argv[3];
for (const p of all.filter((x) => !only || x.name === only)) {
  let t = performance.now();
  const r = start(db.pool, log, [p]);
  await r.caughtUp();
  const a = performance.now() - t;
  await r.stop();
  t = performance.now();
  const report: unknown = '';
  await rebuildProjections({
    projections: [p],
    pool: db.pool,
    subscribe: log.subscribe,
    signal: new AbortController().signal,
    logger: silent,
  });
  const b = performance.now() - t;
  const handled = log.recorded.filter((e) => p.onEvery || p.on[e.event.type]).length;
  console.log(
    p.name,
    'handled',
    handled,
    'apply/s',
    Math.round((total / a) * 1000),
    'rebuild/s',
    Math.round((total / b) * 1000),
    'handled apply/s',
    Math.round((handled / a) * 1000),
    'rebuild',
    Math.round((handled / b) * 1000),
  );
}
if (!only) {
  const t = performance.now();
  await rebuildProjections({
    projections: all,
    pool: db.pool,
    subscribe: log.subscribe,
    signal: new AbortController().signal,
    logger: silent,
  });
  const b = performance.now() - t;
  console.log(
    'all together',
    Math.round(b),
    'ms',
    Math.round((total / b) * 1000),
    'events/s',
    process.memoryUsage().rss / 1e6,
  );
}
await db.drop();
