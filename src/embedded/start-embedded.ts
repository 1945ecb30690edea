import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { prepareDataFolder } from './data-folder.ts';
import { asStartError, EmbeddedStartError } from './embedded-start-error.ts';
import { startEventStore } from './event-store-child.ts';
import { startGeoipSandbox } from './geoip-sandbox/start-geoip-sandbox.ts';
import type { GeoipSandbox } from './geoip-sandbox/start-geoip-sandbox.ts';
import { lockFolder } from './folder-lock.ts';
import { endChild } from './guarded-child.ts';
import type { Child } from './guarded-child.ts';
import { startMailSandbox } from './mail-sandbox/start-mail-sandbox.ts';
import type { MailSandbox } from './mail-sandbox/start-mail-sandbox.ts';
import { makeFirstMasterKey } from './master-key.ts';
import { freePorts } from './ports.ts';
import type { WantedPort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import type { EmbeddedRedis } from './redis.ts';
import { startVirtuozzoSandbox } from './virtuozzo-sandbox/start-virtuozzo-sandbox.ts';
import type { VirtuozzoSandbox } from './virtuozzo-sandbox/start-virtuozzo-sandbox.ts';

export { embeddedMasterKey } from './master-key.ts';
export { EmbeddedStartError };

type Server = 'postgres' | 'redis' | 'eventStore' | 'mailbox';
/** The Geo-IP service and the platform are only brought up where it is asked for. */
type Part = Server | 'geoip' | 'virtuozzo';

export interface EmbeddedOptions {
  /** Absolute. */
  dataDir: string;
  /** Only what no URL is configured for. */
  needs: Readonly<Record<Server, boolean> & { geoip?: boolean; virtuozzo?: boolean }>;
  /** 0 lets any free port be chosen. */
  ports: Readonly<Record<Server, number> & { geoip?: number; virtuozzo?: number }>;
  /** Where an embedded event store keeps its data when PostgreSQL is not embedded. */
  databaseUrl?: string;
  /** The one Postmark server token the sandbox takes; any token when absent. */
  mailServerToken?: string;
  /** Where the distribution's Redis is unpacked, when several installations share one; `<dataDir>/redis-package` when absent. */
  redisPackageDir?: string;
  /** The event store server's entry file, when it is not the one beside this code. */
  eventStoreEntry?: URL;
  /** Takes a few lines for the person who starts it. */
  say: (line: string) => void;
}

export interface Embedded {
  databaseUrl?: string;
  redisUrl?: string;
  eventStoreUrl?: string;
  mailboxUrl?: string;
  geoipUrl?: string;
  virtuozzoUrl?: string;
  processes: { name: string; pid: number }[];
  /** Settles when a child ends unexpectedly, with a sentence that names it and its log. */
  childFailed: Promise<string>;
  /** Ends the children in order, by force after 5 s at the latest. May be called more than once. */
  stop: () => Promise<void>;
}

const formerRunMs = 6_000;
const eventStoreStopMs = 2_000;
const stopMs = 4_800;

type Ports<Value> = Partial<Record<Part, Value>>;

interface Running {
  postgres?: EmbeddedPostgres;
  redis?: EmbeddedRedis;
  eventStore?: { child: Child; eventStoreUrl: string };
  mailbox?: MailSandbox;
  geoip?: GeoipSandbox;
  virtuozzo?: VirtuozzoSandbox;
}

/**
 * Brings up, on loopback and under the data folder, what the service needs and nobody configured.
 * Throws an {@link EmbeddedStartError} with a sentence for the person; nothing runs on then.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  refuseWindows();
  const { dataDir } = options;
  const running: Running = {};
  let release = (): Promise<void> => Promise.resolve();
  try {
    await prepareDataFolder(dataDir);
    const lock = await lockFolder(dataDir);
    release = lock.release;
    const ports = await freePorts(wantedPorts(options), lock.recovered ? formerRunMs : 0);
    if (options.needs.postgres) await makeFirstMasterKey(dataDir);
    await bringUp(options, ports, running);
  } catch (error) {
    await stopAll(running);
    await release();
    throw asStartError(error, dataDir);
  }
  return embedded(running, dataDir, release);
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return;
  throw new EmbeddedStartError(
    'The embedded servers run on Linux and macOS. Use WSL, or "docker compose up", or set EVENTSTORE_URL, DATABASE_URL and REDIS_URL.',
  );
}

function wantedPorts({ needs, ports }: EmbeddedOptions): Ports<WantedPort> {
  const all: Record<Part, Omit<WantedPort, 'port'>> = {
    postgres: { what: 'PostgreSQL', variable: 'EMBEDDED_POSTGRES_PORT' },
    redis: { what: 'Redis', variable: 'EMBEDDED_REDIS_PORT' },
    eventStore: { what: 'the event store', variable: 'EMBEDDED_EVENTSTORE_PORT' },
    mailbox: { what: 'the mailbox', variable: 'MAILBOX_PORT' },
    geoip: { what: 'the Geo-IP sandbox', variable: 'GEOIP_SANDBOX_PORT' },
    virtuozzo: { what: 'the Virtuozzo sandbox', variable: 'VIRTUOZZO_SANDBOX_PORT' },
  };
  const needed = (Object.keys(all) as Part[]).filter((part) => needs[part] === true);
  return Object.fromEntries(needed.map((part) => [part, { ...all[part], port: ports[part] ?? 0 }]));
}

async function bringUp(options: EmbeddedOptions, ports: Ports<number>, running: Running): Promise<void> {
  const { dataDir, say, redisPackageDir = join(dataDir, 'redis-package') } = options;
  const now = new Date();
  const starts: Promise<void>[] = [];
  const start = (port: number | undefined, bring: (port: number) => Promise<void>): void => {
    if (port !== undefined) starts.push(bring(port));
  };
  start(ports.postgres, async (port) => {
    running.postgres = await startPostgres(dataDir, port, say);
  });
  start(ports.redis, async (port) => {
    running.redis = await startRedis({ dataDir, packageDir: redisPackageDir, port, now, say });
  });
  start(ports.mailbox, async (port) => {
    const token = options.mailServerToken === undefined ? {} : { serverToken: options.mailServerToken };
    const clock = (): Date => new Date();
    running.mailbox = await startMailSandbox({
      folder: join(dataDir, 'mailbox'),
      port,
      now: clock,
      newId: randomUUID,
      ...token,
    });
  });
  start(ports.geoip, async (port) => {
    running.geoip = await startGeoipSandbox({ port });
  });
  start(ports.virtuozzo, async (port) => {
    running.virtuozzo = await startVirtuozzoSandbox({ port });
  });
  // All are waited for, so that nothing comes up after a failure has been cleaned up.
  const failed = (await Promise.allSettled(starts)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (ports.eventStore !== undefined) running.eventStore = await bringEventStore(options, ports.eventStore, running);
}

async function bringEventStore(
  options: EmbeddedOptions,
  port: number,
  { postgres }: Running,
): Promise<Running['eventStore'] & object> {
  const databaseUrl = postgres?.eventStoreDatabaseUrl ?? options.databaseUrl;
  if (databaseUrl === undefined) {
    throw new EmbeddedStartError(
      'The embedded event store needs PostgreSQL. Set DATABASE_URL, or EVENTSTORE_URL to a server that runs.',
    );
  }
  const entry = options.eventStoreEntry === undefined ? {} : { entry: options.eventStoreEntry };
  return startEventStore({ dataDir: options.dataDir, databaseUrl, port, ...entry });
}

function embedded(running: Running, dataDir: string, release: () => Promise<void>): Embedded {
  const { postgres, redis, eventStore, mailbox, geoip, virtuozzo } = running;
  const children = childrenOf(running);
  let stopping: Promise<void> | undefined;
  const childFailed = new Promise<string>((resolve) => {
    for (const { name, exited } of children) {
      void exited.then((how) => {
        if (stopping === undefined)
          resolve(`${name} ended unexpectedly with ${how}; ${join(dataDir, 'logs', `${name}.log`)} says more.`);
      });
    }
  });
  return {
    ...(postgres && { databaseUrl: postgres.databaseUrl }),
    ...(redis && { redisUrl: redis.redisUrl }),
    ...(eventStore && { eventStoreUrl: eventStore.eventStoreUrl }),
    ...(mailbox && { mailboxUrl: mailbox.url }),
    ...(geoip && { geoipUrl: geoip.url }),
    ...(virtuozzo && { virtuozzoUrl: virtuozzo.url }),
    processes: children.map(({ name, pid }) => ({ name, pid })),
    childFailed,
    stop: () => (stopping ??= stopAll(running).then(release)),
  };
}

const childrenOf = ({ postgres, redis, eventStore }: Running): Child[] =>
  [postgres?.child, redis?.child, eventStore?.child].filter((child) => child !== undefined);

/** The event store first, for it writes to PostgreSQL; then the rest together. */
async function stopAll(running: Running): Promise<void> {
  const deadline = pause(stopMs, undefined, { ref: false });
  if (running.eventStore !== undefined)
    await endChild(running.eventStore.child, pause(eventStoreStopMs, undefined, { ref: false }));
  await Promise.all([
    running.mailbox?.close(),
    running.geoip?.close(),
    running.virtuozzo?.close(),
    ...childrenOf(running).map((child) => endChild(child, deadline)),
  ]);
}
