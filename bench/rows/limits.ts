import { Redis } from 'ioredis';
import pg from 'pg';
import { connections, interleaved, perSecond, type Bench, type Measurement } from '../bench.ts';
import { bcryptAlone, pingServer } from '../limits/run-alone.ts';
import { limit } from '../row.ts';
import { median, spread } from '../statistics.ts';

const selecting = 10;
/** Of a round elsewhere: they settle at once. */
const share = 0.5;

/** What the machine, Node and the stores can do at all, in this very run. */
export const limits: Measurement = {
  name: 'limits',
  run: async (bench) => [await ping(bench), await redisGets(bench), await selects(bench), await hashes(bench)],
};

async function ping(bench: Bench) {
  const server = await pingServer();
  const lanes = Array.from({ length: connections }, () => ({ sets: [{}] }));
  const steps = [{ method: 'GET', path: '/ping', expect: 200 }];
  const pace = { kind: 'closed', seconds: bench.size.seconds * share } as const;
  const { ping: rounds } = await interleaved(bench, { ping: () => ({ url: server.url, steps, lanes, pace }) });
  server.stop();
  const figures = perSecond(rounds);
  return limit({ name: 'limit: node:http', unit: '/s', ours: median(figures), note: spread(figures) });
}

async function redisGets({ stores, size }: Bench) {
  const redis = new Redis(stores.redisUrl);
  await redis.set('bench', 'x'.repeat(200));
  const figures = await rounds(size, connections, () => redis.get('bench'));
  redis.disconnect();
  return limit({ name: 'limit: Redis GET, c=32', unit: '/s', ours: median(figures), note: spread(figures) });
}

async function selects({ stores, size }: Bench) {
  const pool = new pg.Pool({ connectionString: stores.databaseUrl, max: selecting });
  const query = { name: 'bench', text: 'select oid from pg_database where datname = $1', values: ['postgres'] };
  const figures = await rounds(size, selecting, () => pool.query(query));
  await pool.end();
  return limit({ name: 'limit: Postgres SELECT, c=10', unit: '/s', ours: median(figures), note: spread(figures) });
}

async function hashes({ size }: Bench) {
  const figures: number[] = [];
  for (let round = 0; round < size.rounds; round += 1) figures.push(await bcryptAlone(12, size.seconds * share));
  return limit({ name: 'limit: bcrypt, cost 12, c=8', unit: '/s', ours: median(figures), note: spread(figures) });
}

/** Calls a second in each round, so many at once. */
async function rounds(size: Bench['size'], atOnce: number, call: () => Promise<unknown>) {
  const { rounds: count } = size;
  const seconds = size.seconds * share;
  const figures: number[] = [];
  for (let round = 0; round < count; round += 1) {
    let done = 0;
    const end = performance.now() + seconds * 1000;
    const lane = async () => {
      for (; performance.now() < end; done += 1) await call();
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    figures.push(done / seconds);
  }
  return figures;
}
