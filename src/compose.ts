import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { auditSigningKeys } from './adapters/audit-signing-keys.ts';
import { bcryptPasswords, loadPeppers } from './adapters/bcrypt-passwords.ts';
import { bullmqQueue } from './adapters/bullmq-queue.ts';
import { eventCodec } from './adapters/event-codec.ts';
import { connectEventStore } from './adapters/eventstoredb-client.ts';
import { eventstoredbHead } from './adapters/eventstoredb-head.ts';
import { eventstoredbEventStore } from './adapters/eventstoredb-event-store.ts';
import { eventstoredbRawEvents, rawDecoder } from './adapters/eventstoredb-raw-events.ts';
import { eventstoredbStreamAges } from './adapters/eventstoredb-stream-ages.ts';
import { eventstoredbSubscription } from './adapters/eventstoredb-subscription.ts';
import { hmacTokens, type TokenKeys } from './adapters/hmac-tokens.ts';
import { vaultSigningKeys } from './adapters/jose-signing-keys.ts';
import { httpGeoip } from './adapters/http-geoip.ts';
import { joseTokens } from './adapters/jose-tokens.ts';
import { postgresClientAddresses, type ClientAddresses } from './adapters/postgres-client-addresses.ts';
import { masterKeys, WrongMasterKey } from './adapters/master-keys.ts';
import { personalData } from './adapters/personal-data.ts';
import { longReads, reachableDatabase } from './adapters/postgres-database.ts';
import { loadIdempotencyKey, postgresIdempotency } from './adapters/postgres-idempotency.ts';
import { migrate, MigrationRefused } from './adapters/postgres-migrations.ts';
import { liveTokenKeys } from './adapters/live-token-keys.ts';
import { loginLimitOver } from './adapters/login-limit.ts';
import { postgresPools } from './adapters/postgres-pools.ts';
import { postgresSnapshots } from './adapters/postgres-snapshots.ts';
import { postgresVault, type Vault } from './adapters/postgres-vault.ts';
import { postmarkMailer } from './adapters/postmark-mailer.ts';
import { redisLoginWatch, type LoginWatch } from './adapters/redis-login-watch.ts';
import { promMetrics, type Metrics } from './adapters/prom-metrics.ts';
import { listeningRedis, requestRedis } from './adapters/redis-client.ts';
import { redisLimits } from './adapters/redis-limits.ts';
import { redisRefreshWatch } from './adapters/redis-refresh-watch.ts';
import { redisSessions } from './adapters/redis-sessions.ts';
import { redisTrust, type RedisTrust } from './adapters/redis-trust.ts';
import { redisVerdicts } from './adapters/redis-verdicts.ts';
import { mmdbGeoip } from './adapters/mmdb-geoip.ts';
import { noteSigner } from './adapters/note-signer.ts';
import { newId } from './adapters/uuid-ids.ts';
import type { GeoIp } from './application/geo-ip.ts';
import type { Clock } from './application/ports.ts';
import { useCases } from './application/use-cases.ts';
import { composeOperations } from './composition/compose-operations.ts';
import type { OpenTracing } from './composition/open-tracing.ts';
import { traced } from './composition/traced.ts';
import type { Config, Connections } from './config.ts';
import { projections } from './projections/all.ts';
import { directory } from './projections/directory.ts';
import type { ReadModels } from './projections/read-models.ts';
import { prepareReadModels } from './projections/prepare.ts';
import { queueName } from './workers/job.ts';
import { deviceName } from './workers/mails/client-facts.ts';
import { jobOptions } from './workers/retry-policy.ts';

/** Shorter than an attempt without an outcome is left alone (`settlingMs`). */
const mailTimeoutSeconds = 5;

/** For migrations, and for checks and commands of operators, one after the other. */
const patientConnections = 4;

export type Service = Awaited<ReturnType<typeof compose>>;

export interface ComposeOptions {
  config: Config;
  connections: Connections;
  publicUrl: string;
  logger: Logger;
  signal: AbortSignal;
  /** Rejects at once when the database does not answer, rather than wait for it. */
  impatient?: boolean;
  tracing?: OpenTracing | undefined;
}

/**
 * Everything the processes are made of, over the real adapters. Waits for the database, which holds the keys; the event
 * store and Redis may come later. Throws `WrongMasterKey` and `MigrationRefused`.
 */
export async function compose(options: ComposeOptions) {
  const { config, connections, publicUrl, logger, signal, tracing } = options;
  const clock = () => new Date();
  const close: Close[] = [];
  const pools = poolsOf(options);
  close.push(pools.end);
  const pool = pools.requests(config.DATABASE_POOL);
  const patientPool = pools.patient(patientConnections);
  const vault = postgresVault({ pool, clock, masterKeys: masterKeysOf(config, connections) });
  const prepare = () => prepareDatabase(patientPool, vault, signal);
  await (options.impatient === true ? prepare() : waitForDatabase(prepare, logger, signal));

  const metrics = promMetrics();
  tracing?.reportTo(logger, metrics.spansUndelivered);
  const keys = await keysOf(vault, clock);
  close.push(() => {
    keys.tokens.stop();
    return Promise.resolve();
  });
  const readModels = reachableDatabase(pool);
  const reports = longReads(readModels, pools.reports());
  const clientAddresses = addressesOf(vault, readModels, keys.tokens);
  const stores = traced(openStores(options, vault, clientAddresses, close), tracing);
  const opened = { pool, readModels, vault, keys, clock, redis: stores.redis, trust: stores.trust, metrics };
  const mailer = mailerOf(config, connections);
  const ports = { ...stores, ...portsOf(options, opened), mailer, tracing };
  const operations = composeOperations(ports, { config, connections, vault, readModels, longReads: reports });
  return {
    ...ports,
    clientAddresses,
    config,
    connections,
    database: pools.patient,
    idempotency: postgresIdempotency({ pool, key: keys.idempotency, clock }),
    logger,
    mailer,
    metrics,
    pool: patientPool,
    publicUrl,
    readModels,
    longReads: reports,
    useCases: { ...useCases(ports), ...operations.useCases },
    virtuozzoPlatform: operations.virtuozzoPlatform,
    vault,
    /** In the reverse order of opening; what does not close does not keep the rest open. */
    close: async () => {
      for (const end of close.reverse()) await end().catch(() => undefined);
    },
  };
}

const disposeMs = 500;

type Close = () => Promise<unknown>;

const poolsOf = ({ connections, logger }: ComposeOptions) =>
  postgresPools(connections.databaseUrl, (error) => {
    logger.warn({ err: error }, 'a database connection was lost');
  });

function addressesOf({ subjectKeys }: Vault, database: ReadModels, keys: TokenKeys): ClientAddresses {
  const tokens = hmacTokens({ keys });
  return postgresClientAddresses({ database, subjectKeys, nameOf: (ip) => tokens.derivedId(ip, 'client-address') });
}

function openStores(
  { config, connections, logger }: ComposeOptions,
  vault: Vault,
  { remember }: ClientAddresses,
  close: Close[],
) {
  const client = connectEventStore(connections.eventStoreUrl);
  const onError = (error: Error) => {
    logger.debug({ err: error }, 'redis');
  };
  const redis = requestRedis(connections.redisUrl, { onError });
  const listener = listeningRedis(connections.redisUrl, { onError });
  const trust = redisTrust({ redis, prefix: `${config.REDIS_PREFIX}:` });
  const queue = bullmqQueue({
    queueName,
    jobOptions,
    redisUrl: connections.redisUrl,
    prefix: config.REDIS_PREFIX,
    onError,
  });
  close.push(
    // The client waits for every read it ever gave up, and some of those never say that they have ended.
    () => Promise.race([client.dispose(), pause(disposeMs)]),
    () => {
      trust.stop();
      redis.disconnect();
      listener.disconnect();
      return queue.close();
    },
  );
  const codec = eventCodec({ subjectKeys: vault.subjectKeys, rememberAddress: remember });
  const prefix = config.STREAM_PREFIX;
  return {
    eventStore: eventstoredbEventStore({ client, codec, prefix }),
    subscribe: eventstoredbSubscription({ client, codec, prefix }),
    subscribeRaw: eventstoredbRawEvents({ client, prefix }),
    decodeRaw: rawDecoder(codec, prefix),
    streamAges: eventstoredbStreamAges({ client, prefix }),
    head: eventstoredbHead(client),
    redis,
    verdicts: redisVerdicts({ redis, listener, prefix: `${config.REDIS_PREFIX}:` }),
    trust,
    queue,
  };
}

const keysOf = async (vault: Vault, clock: Clock) => ({
  tokens: await liveTokenKeys({ serviceKeys: vault.serviceKeys, clock }),
  peppers: await loadPeppers(vault),
  idempotency: await loadIdempotencyKey(vault),
});

interface Opened {
  pool: Pool;
  readModels: ReadModels;
  vault: Vault;
  keys: Awaited<ReturnType<typeof keysOf>>;
  clock: Clock;
  redis: ReturnType<typeof requestRedis>;
  trust: RedisTrust;
  metrics: Metrics;
}

function portsOf({ connections, config, publicUrl }: ComposeOptions, opened: Opened) {
  const { pool, readModels, vault, keys, clock, redis, trust, metrics } = opened;
  const redisPrefix = `${config.REDIS_PREFIX}:`;
  const { CODE_MAILS_PER_HOUR, MAILS_PER_IP_PER_HOUR } = config;
  const settings = { codeMailsPerUser: CODE_MAILS_PER_HOUR, mailsPerIp: MAILS_PER_IP_PER_HOUR };
  const tokens = hmacTokens({ keys: keys.tokens });
  const nameOf = (network: string) => tokens.derivedId(network, 'limits');
  const limits = redisLimits({ redis, prefix: redisPrefix, settings, metrics, nameOf });
  const watchName = (text: string) => tokens.derivedId(text, 'login-watch');
  const loginWatch: LoginWatch = redisLoginWatch({ redis, prefix: redisPrefix, clock, nameOf: watchName });
  const signingKeys = vaultSigningKeys({ serviceKeys: vault.serviceKeys, clock });
  const origin = config.AUDIT_ORIGIN ?? new URL(publicUrl).host;
  const auditKeys = auditSigningKeys({ serviceKeys: vault.serviceKeys, origin });
  return {
    accessTokens: joseTokens({ signingKeys, issuer: publicUrl, audience: publicUrl }),
    backOff,
    bootstrapAdminEmail: config.BOOTSTRAP_ADMIN_EMAIL,
    clock,
    credentials: vault.credentials,
    deviceName,
    directory: directory(readModels, clock),
    limits,
    loginWatch,
    loginLimit: loginLimitOver(limits.loginFailuresOfIp, loginWatch),
    newId,
    geoIp: geoIpOf(config, connections, clock),
    passwords: bcryptPasswords({
      cost: config.BCRYPT_COST,
      peppers: keys.peppers,
      reloadPeppers: () => loadPeppers(vault),
      clock,
      queue: config.HASH_QUEUE,
    }),
    pause: (milliseconds: number) => pause(milliseconds),
    personalData: personalData({ subjectKeys: vault.subjectKeys }),
    refreshWatch: redisRefreshWatch({ redis, prefix: redisPrefix, clock }),
    sessionCache: redisSessions({ redis, prefix: redisPrefix, trust }),
    sessionSettings: { maxSessions: config.SESSIONS_PER_USER, idleTimeoutSeconds: config.IDLE_TIMEOUT_SECONDS },
    signNote: noteSigner(auditKeys),
    auditKeys,
    snapshots: postgresSnapshots({ pool }),
    teamSettings: { maxTeams: config.TEAMS_PER_USER },
    tokens,
  };
}

const mailerOf = ({ MAIL_FROM, MAIL_STREAM }: Config, { postmarkToken, postmarkApiUrl }: Connections) =>
  postmarkMailer({
    serverToken: postmarkToken,
    ...(postmarkApiUrl !== undefined && { apiUrl: postmarkApiUrl }),
    from: MAIL_FROM,
    messageStream: MAIL_STREAM,
    timeoutSeconds: mailTimeoutSeconds,
  });

type GeoIpWithCircuit = GeoIp & { readonly status?: ReturnType<typeof httpGeoip>['status'] };

/** A file of one's own comes first: then nobody else learns who logs in from where. Only a service has a circuit. */
function geoIpOf(
  { GEOIP_DB_PATH, GEOIP_API_TOKEN }: Config,
  { geoipApiUrl }: Connections,
  clock: Clock,
): GeoIpWithCircuit | null {
  if (GEOIP_DB_PATH !== undefined) return mmdbGeoip({ path: GEOIP_DB_PATH, clock });
  return geoipApiUrl === undefined ? null : httpGeoip({ apiUrl: geoipApiUrl, token: GEOIP_API_TOKEN });
}

const masterKeysOf = ({ MASTER_KEY_PREVIOUS }: Config, { masterKey }: Connections) =>
  masterKeys({ current: masterKey, previous: MASTER_KEY_PREVIOUS.split(',').filter((key) => key !== '') });

async function prepareDatabase(pool: Pool, vault: Vault, signal: AbortSignal): Promise<void> {
  await migrate(pool);
  await vault.verifyMasterKey();
  await prepareReadModels(pool, projections, signal);
}

/** Nothing works without the keys, so there is nothing better to do than to wait for them. */
async function waitForDatabase(prepare: () => Promise<void>, logger: Logger, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await prepare();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WrongMasterKey || error instanceof MigrationRefused) throw error;
      logger.warn({ err: error, attempt }, 'the database does not answer yet');
      await pause(Math.min(250 * attempt, 3000), undefined, { signal });
    }
  }
}

/** Milliseconds, so that writers who met once do not meet again. */
const backOff = (attempt: number) => pause(Math.random() * 10 * 2 ** attempt);
