import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';

/** Something that must not be found, under any name. */
export interface Needle {
  readonly what: string;
  readonly value: string;
  /** Six digits stand in many a number: they count only where they are no part of a longer one. */
  readonly digits?: true;
}

export interface Found {
  readonly what: string;
  readonly where: string;
}

/** Named bytes or text that are searched. */
interface Hay {
  readonly where: string;
  readonly bytes: Buffer;
}

/** Every needle in every piece of hay: as it is, in hex, and in base64 at each of its three alignments. */
export function search(needles: readonly Needle[], hay: readonly Hay[]): Found[] {
  const tests = needles.map((needle) => ({ what: needle.what, test: testFor(needle) }));
  return hay.flatMap(({ where, bytes }) =>
    tests.filter(({ test }) => test(bytes)).map(({ what }): Found => ({ what, where })),
  );
}

function testFor({ value, digits }: Needle): (bytes: Buffer) => boolean {
  if (digits) {
    const alone = new RegExp(`(?<!\\d)(?<!\\d\\.)${value}(?!\\d)`);
    return (bytes) => alone.test(bytes.toString('latin1'));
  }
  const forms = formsOf(value);
  return (bytes) => forms.some((form) => bytes.includes(form));
}

function formsOf(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends hold bits of what stands beside.
    return text.slice(Math.ceil((shift * 8) / 6), text.length - 1);
  });
  const safe = shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const texts = [
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    ...shifted,
    ...safe,
  ];
  return [bytes, ...new Set(texts)].map((form) => Buffer.from(form));
}

/** Every row of every table of a database, columns in binary as they are. */
export async function rowsOf(databaseUrl: string): Promise<Hay[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const hay: Hay[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<unknown[]>({ text: `select * from ${name}`, rowMode: 'array' });
      hay.push({ where: `table ${name}`, bytes: Buffer.concat(rows.flat().map(bytesOf)) });
    }
    return hay;
  } finally {
    await client.end();
  }
}

function bytesOf(value: unknown): Buffer {
  const bytes = Buffer.isBuffer(value)
    ? value
    : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? ''));
  return Buffer.concat([bytes, Buffer.from('\n')]);
}

/** Names and values of every key, whatever its type. */
export async function redisKeysOf(redisUrl: string): Promise<Hay[]> {
  const redis = new Redis(redisUrl);
  try {
    const hay: Hay[] = [];
    for await (const keys of redis.scanStream() as AsyncIterable<string[]>) {
      for (const key of keys)
        hay.push({ where: `Redis key ${key}`, bytes: Buffer.from(`${key}\n${await valueOf(redis, key)}`) });
    }
    return hay;
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    string: () => redis.get(key),
    hash: () => redis.hgetall(key),
    list: () => redis.lrange(key, 0, -1),
    set: () => redis.smembers(key),
    zset: () => redis.zrange(key, 0, -1),
    stream: () => redis.xrange(key, '-', '+'),
    none: () => Promise.resolve(''), // it has expired since
  };
  const read = reads[type];
  if (read === undefined) throw new Error(`${key} is of the unknown type ${type}`);
  return JSON.stringify(await read());
}

/** Every file below a folder, as its bytes: data files, write-ahead log, append-only file, logs. */
export async function filesBelow(folder: string, except: readonly string[] = []): Promise<Hay[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const hay: Hay[] = [];
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const where = relative(folder, path);
    if (!file.isFile() || except.some((name) => where.startsWith(`${name}/`))) continue;
    hay.push({ where, bytes: await readFile(path) });
  }
  return hay;
}
