import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino, type Logger } from 'pino';
import { completeConnections, configuredConnections, InvalidConfiguration, loadConfig, type Config } from './config.ts';
import { compose, type Service } from './compose.ts';
import { keepOrigin, withKeptOrigin } from './embedded/audit-origin.ts';
import { forgetEmbeddedConnections, saveEmbeddedConnections } from './embedded/embedded-connections.ts';
import { embeddedMasterKey, startEmbedded, EmbeddedStartError, type Embedded } from './embedded/start-embedded.ts';
import { MigrationRefused } from './adapters/postgres-migrations.ts';
import { WrongMasterKey } from './adapters/master-keys.ts';
import { logLines } from './composition/log-lines.ts';
import { openTracing, type OpenTracing } from './composition/open-tracing.ts';
import { runApi } from './composition/run-api.ts';
import { runOperations } from './composition/run-operations.ts';
import { runProjector } from './composition/run-projector.ts';
import { runWorker } from './composition/run-worker.ts';
import { staySmall } from './composition/stay-small.ts';
import { PortTaken } from './start-error.ts';

const roles = ['all', 'api', 'projector', 'worker'] as const;
type Role = (typeof roles)[number];

interface Part {
  stop(): Promise<void>;
}

/** Below the time after which Docker and systemd kill. */
const stopMs = 25_000;

/** Opened parts, closed in the reverse order. */
const opened: Part[] = [];
const stopping = new AbortController();

try {
  await start(roleOf(process.argv[2] ?? 'all'), loadConfig(process.env));
} catch (error) {
  if (!stopping.signal.aborted) await fail(error);
}

async function start(role: Role, config: Config): Promise<void> {
  if (role === 'api') staySmall();
  process.once('SIGTERM', () => void stop(0));
  process.once('SIGINT', () => void stop(0));
  const tracing = await openTracing(config, role);
  if (tracing) opened.push(tracing);
  const logger = loggerOf(role, config, tracing);
  const embedded = role === 'all' ? await bringUpWhatIsMissing(config) : undefined;
  const connections = completeConnections({ ...configuredConnections(config), ...embedded?.connections });
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const trusting = embedded ? await settingsOnOneMachine(config, publicUrl) : config;
  const { signal } = stopping;
  const service = await compose({ config: trusting, connections, publicUrl, logger, signal, tracing });
  opened.push({ stop: service.close });
  await runRole(role, service, embedded?.mailboxUrl);
  logger.info({ role }, 'started');
  if (role === 'all') greet(publicUrl, embedded?.mailboxUrl);
}

/** The engine lets the heap grow far beyond what starting left in it, until it has collected all of it once. */
function forgetStarting(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** With the ids of the trace in every line that is written in the course of one. */
function loggerOf(role: Role, { LOG_LEVEL }: Config, tracing: OpenTracing | undefined): Logger {
  const mixin = tracing && { mixin: () => tracing.logFields() };
  const lines = logLines(pino.destination({ fd: 2, sync: false }));
  process.once('exit', () => {
    lines.flushSync();
  });
  return pino({ level: LOG_LEVEL, base: { process: role }, ...mixin }, lines);
}

async function runRole(role: Role, service: Service, mailbox: string | undefined): Promise<void> {
  if (role === 'all' || role === 'projector') opened.push(runProjector(service));
  if (role === 'all' || role === 'worker') opened.push(runWorker(service));
  if (role === 'all' || role === 'api') opened.push(await startApi(role, service, mailbox));
  else if (service.config.METRICS_PORT !== undefined) opened.push(await runOperations(service));
}

/** Alone on its machine it has nobody who would send requests elsewhere. */
function startApi(role: Role, service: Service, mailbox: string | undefined) {
  if (role === 'api') forgetStarting();
  return runApi(service, mailbox === undefined ? {} : { mailbox }, role === 'api' ? service.config.DRAIN_SECONDS : 0);
}

/** What is behind it is on this machine, and so are the name of the log and what is kept outside of the stores. */
async function settingsOnOneMachine(config: Config, publicUrl: string): Promise<Config> {
  await keepOrigin(config, publicUrl);
  return {
    ...(await withKeptOrigin(config)),
    TRUST_PROXY: config.TRUST_PROXY === '' ? 'loopback' : config.TRUST_PROXY,
    AUDIT_CHECKPOINT_DIR: config.AUDIT_CHECKPOINT_DIR ?? join(config.dataDir, 'audit-checkpoints'),
  };
}

/** The embedded mode: PostgreSQL, Redis, the event store, the sandboxes and a master key, where none is configured. */
async function bringUpWhatIsMissing(config: Config) {
  const known = configuredConnections(config);
  const needs = {
    postgres: known.databaseUrl === undefined,
    redis: known.redisUrl === undefined,
    eventStore: known.eventStoreUrl === undefined,
    mailbox: known.postmarkToken === undefined,
  };
  if (!Object.values(needs).includes(true)) return undefined;
  const geoip = known.geoipApiUrl === undefined && config.GEOIP_DB_PATH === undefined;
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    needs: { ...needs, geoip, virtuozzo: known.virtuozzoApiUrl === undefined },
    ports: {
      postgres: config.EMBEDDED_POSTGRES_PORT,
      redis: config.EMBEDDED_REDIS_PORT,
      eventStore: config.EMBEDDED_EVENTSTORE_PORT,
      mailbox: config.MAILBOX_PORT,
      geoip: config.GEOIP_SANDBOX_PORT,
      virtuozzo: config.VIRTUOZZO_SANDBOX_PORT,
    },
    ...(known.databaseUrl !== undefined && { databaseUrl: known.databaseUrl }),
    say,
  });
  opened.push(embedded);
  void embedded.childFailed.then((sentence) => fail(new EmbeddedStartError(sentence)));
  const masterKey = known.masterKey ?? (await embeddedMasterKey(config.dataDir));
  const connections = { ...known, ...connectionsOf(embedded), masterKey };
  await saveEmbeddedConnections(config.dataDir, connections);
  opened.push({ stop: () => forgetEmbeddedConnections(config.dataDir) });
  return { connections, mailboxUrl: embedded.mailboxUrl };
}

function connectionsOf({ databaseUrl, redisUrl, eventStoreUrl, mailboxUrl, geoipUrl, virtuozzoUrl }: Embedded) {
  return {
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(redisUrl !== undefined && { redisUrl }),
    ...(eventStoreUrl !== undefined && { eventStoreUrl }),
    ...(mailboxUrl !== undefined && { postmarkToken: 'embedded', postmarkApiUrl: mailboxUrl }),
    ...(geoipUrl !== undefined && { geoipApiUrl: geoipUrl }),
    ...(virtuozzoUrl !== undefined && { virtuozzoApiUrl: virtuozzoUrl }),
  };
}

function greet(publicUrl: string, mailboxUrl: string | undefined): void {
  say(`MBPanel Auth is ready at ${publicUrl} (API documentation: ${publicUrl}/docs)`);
  if (mailboxUrl !== undefined) say(`Mails arrive in the mailbox at ${mailboxUrl}`);
}

function roleOf(name: string): Role {
  const role = roles.find((known) => known === name);
  if (role === undefined) throw new InvalidConfiguration(`${name} is none of ${roles.join(', ')}`);
  return role;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function stop(code: number): Promise<never> {
  if (stopping.signal.aborted) return new Promise<never>(() => undefined);
  stopping.abort();
  // What hangs is left behind: every part survives being killed, and whoever stops us waits only so long.
  setTimeout(() => process.exit(code), stopMs).unref();
  for (const part of opened.reverse()) await part.stop().catch(report);
  process.exit(code);
}

/** What a person can mend is said in a sentence; anything else with its stack. */
async function fail(error: unknown): Promise<never> {
  const forPeople = [InvalidConfiguration, EmbeddedStartError, MigrationRefused, WrongMasterKey, PortTaken];
  if (forPeople.some((kind) => error instanceof kind)) process.stderr.write(`${(error as Error).message}\n`);
  else report(error);
  return stop(1);
}

function report(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
