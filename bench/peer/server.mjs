// The peer: better-auth behind Express, as its documentation sets it up, with passwords hashed as the service does.
import bcrypt from 'bcrypt';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { organization } from 'better-auth/plugins';
import express from 'express';
import pg from 'pg';
import { createClient } from 'redis';

const cost = Number(process.env.BCRYPT_COST);
const port = Number(process.env.PORT);
const redis = createClient({ url: process.env.REDIS_URL });
await redis.connect();
const key = (name) => `peer:${name}`;

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  secret: process.env.PEER_SECRET,
  telemetry: { enabled: false },
  logger: { level: 'error' },
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 }),
  secondaryStorage: {
    get: (name) => redis.get(key(name)),
    getAndDelete: (name) => redis.getDel(key(name)),
    set: (name, value, ttl) => redis.set(key(name), value, ttl ? { EX: ttl } : undefined),
    delete: async (name) => {
      await redis.del(key(name));
    },
    increment: async (name, ttl) => {
      const count = await redis.incr(key(name));
      if (count === 1) await redis.expire(key(name), ttl);
      return count;
    },
  },
  rateLimit: { enabled: false },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => bcrypt.hash(password, cost),
      verify: ({ hash, password }) => bcrypt.compare(password, hash),
    },
  },
  plugins: [organization()],
});

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const app = express();
app.disable('x-powered-by');
app.all('/api/auth/*path', toNodeHandler(auth));
app.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('disconnect', () => process.exit(0));
