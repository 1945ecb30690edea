import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench } from '../bench.ts';
import { makePeople, type Person } from '../people.ts';
import { installationOn, newInstallation, startService, type Installation } from '../service.ts';
import { rounded } from '../statistics.ts';
import { beside, startStoresOn, type Stores } from '../stores.ts';

/** An installation with much in it, on servers of its own, which stay for the next run. */
export interface Kept {
  readonly stores: Stores;
  /** Without a service for places, so that it needs no worker: that one would first send everybody's mails. */
  readonly installation: Installation;
  /** Who can log in. */
  readonly people: readonly Person[];
  readonly events: number;
  readonly stop: () => Promise<void>;
}

type Making = Pick<Bench, 'signal' | 'say'>;

export interface Plan {
  /** Of the folder; with what the data are like, where that can be set. */
  readonly name: string;
  /** Of those who can log in. */
  readonly people: number;
  /** Puts the rest into its log and its read models; answers how many events that were. */
  readonly fill: (stores: Stores, installation: Installation) => Promise<number>;
}

interface Note {
  readonly madeAt: number;
  readonly database: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly people: readonly Person[];
  readonly events: number;
}

const home = process.env['BENCH_DATA'] ?? join(tmpdir(), 'mbauth-bench-data');
const noteFile = 'complete.json';
const root = new URL('../../', import.meta.url);
/** What the data follow from. */
const sources = ['dist/', 'migrations/', 'bench/data/'];
/** Of the platform team, who may read the whole history. */
const administrator = { BOOTSTRAP_ADMIN_EMAIL: 'kept.0@example.com' };
/** Devices are trusted for 30 days. */
const keptMs = 20 * 86_400_000;
/** What an installation needs to read its data again. */
const keptSettings = ['MASTER_KEY', 'STREAM_PREFIX', 'REDIS_PREFIX', 'AUDIT_ORIGIN'];

/** The one that was kept, if the code that made it is the same; otherwise makes it, in place of those before. */
export async function openKept(making: Making, plan: Plan): Promise<Kept> {
  const { folder, note } = await madeData(making, plan);
  return openIn(folder, note);
}

/** The same in a folder of its own, which goes when it is stopped: for whoever changes what stands in it. */
export async function openCopy(making: Making, plan: Plan): Promise<Kept> {
  const { folder, note } = await madeData(making, plan);
  const copy = `${folder}-copy-${process.pid}`;
  const forget = () => rm(copy, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  try {
    // With owners and times, which PostgreSQL looks at.
    await promisify(execFile)('cp', ['-a', folder, copy]);
    const kept = await openIn(copy, note);
    return { ...kept, stop: () => kept.stop().finally(forget) };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function openIn(folder: string, note: Note): Promise<Kept> {
  const stores = await startStoresOn(folder);
  const kept = installationOn(stores, beside(stores.databaseUrl, note.database), note.settings);
  return { stores, installation: withoutPlaces(kept), people: note.people, events: note.events, stop: stores.stop };
}

async function madeData(making: Making, plan: Plan): Promise<{ folder: string; note: Note }> {
  const key = await keyOfCode();
  const folder = join(home, `${plan.name}-${key}`);
  const note = await noteIn(folder);
  await removeOthers(plan.name, note === undefined ? '' : key);
  if (note !== undefined) return { folder, note };
  const begun = performance.now();
  const made = await make(making, plan, folder);
  making.say(`  made ${plan.name} in ${rounded((performance.now() - begun) / 1000)} s, kept in ${folder}`);
  return { folder, note: made };
}

function withoutPlaces(installation: Installation): Installation {
  const settings = Object.entries(installation.settings).filter(([name]) => name !== 'GEOIP_API_URL');
  return { ...installation, settings: Object.fromEntries(settings) };
}

async function make({ signal }: Making, { people: count, fill }: Plan, folder: string): Promise<Note> {
  await mkdir(home, { recursive: true, mode: 0o711 });
  const stores = await startStoresOn(folder);
  try {
    const installation = await newInstallation(stores, 'kept', administrator);
    const service = await startService(installation);
    const people = await makePeople(service, count).finally(service.stop);
    const events = await fill(stores, withoutPlaces(installation));
    signal.throwIfAborted();
    const kept = Object.entries(installation.settings).filter(([name]) => keptSettings.includes(name));
    const database = new URL(installation.databaseUrl).pathname.slice(1);
    const note: Note = { madeAt: Date.now(), database, settings: Object.fromEntries(kept), people, events };
    // The last of all: a folder without it is begun anew. Its keys open nothing but made-up data.
    await writeFile(join(folder, noteFile), JSON.stringify(note), { mode: 0o600 });
    return note;
  } finally {
    await stores.stop();
  }
}

async function noteIn(folder: string): Promise<Note | undefined> {
  const text = await readFile(join(folder, noteFile), 'utf8').catch(() => undefined);
  const note = text === undefined ? undefined : (JSON.parse(text) as Note);
  return note !== undefined && Date.now() - note.madeAt < keptMs ? note : undefined;
}

/** Those of another code, and those that were not completed: they take gigabytes. */
async function removeOthers(name: string, key: string): Promise<void> {
  const found = await readdir(home).catch(() => []);
  const others = found.filter((folder) => folder.startsWith(`${name}-`) && folder !== `${name}-${key}`);
  for (const folder of others) await rm(join(home, folder), { recursive: true, force: true });
}

async function keyOfCode(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    const folder = fileURLToPath(new URL(source, root));
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.map'));
    for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
      hash.update(path.slice(folder.length)).update(await readFile(path));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
