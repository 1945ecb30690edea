import { resolve } from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const seconds = z.coerce.number().int().positive();
/** An unset variable of a compose file arrives as an empty string. */
const unset = (value: unknown) => (value === '' ? undefined : value);
const key = z
  .string()
  .refine(
    (value) => Buffer.from(value, 'base64').length === 32,
    'must be 32 random bytes in base64: openssl rand -base64 32',
  );

/** Where an alert becomes a warning, and where it becomes critical. */
const thresholds = (usual: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?,\d+(\.\d+)?$/, 'must be two numbers: warning,critical')
    .refine((text) => {
      const [warning = 0, critical = 0] = text.split(',').map(Number);
      return warning <= critical;
    }, 'the first must not be above the second')
    .default(usual);

/** Backups, and whatever was away for a while, have to find what the store lets go of; without it nothing expires. */
const retentionDays = z.coerce
  .number('must be a number of days')
  .int('must be whole days')
  .min(30, 'must be at least 30 days; leave it out to keep events for ever')
  .max(36_500, 'must be at most 36500 days; leave it out to keep events for ever')
  .optional();

/** As C2SP signed-note has the name of a key. */
export const auditOrigin = z.string().regex(/^[^\s+]{1,200}$/);

const collector = z.url({ protocol: /^https?$/ });

/** `name=value,…`, the values percent-encoded. They are secrets: no message may show them. */
const headers = z
  .string()
  .default('')
  .refine((text) => headersIn(text) !== undefined, 'must be name=value pairs, separated by commas');

function headersIn(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  const known = pairs.map((pair) =>
    /^\s*(?<name>[\w!#$%&'*+.^`|~-]+)\s*=(?<value>(?:%[2-7][\da-f]|[ -$&-~])*)$/i.exec(pair),
  );
  if (known.includes(null)) return undefined;
  return Object.fromEntries(
    known.map((found) => [found?.groups?.['name'] ?? '', decodeURIComponent(found?.groups?.['value'] ?? '').trim()]),
  );
}

const schema = z.object({
  // What is not configured here is brought up by the embedded mode.
  EVENTSTORE_URL: z.string().optional(),
  DATABASE_URL: z.url().optional(),
  REDIS_URL: z.url().optional(),
  POSTMARK_SERVER_TOKEN: z.string().optional(),
  POSTMARK_API_URL: z.url().optional(),
  GEOIP_API_URL: z.url().optional(),
  GEOIP_API_TOKEN: z.string().optional(),
  GEOIP_DB_PATH: z.string().optional(),
  VIRTUOZZO_API_URL: z.url().optional(),

  BOOTSTRAP_ADMIN_EMAIL: z.email().max(254).optional(),

  MASTER_KEY: key.optional(),
  MASTER_KEY_PREVIOUS: z.string().default(''),
  PORT: port.default(8080),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z.url().optional(),
  TRUST_PROXY: z.string().default(''),
  STREAM_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/)
    .default('mbauth_'),
  REDIS_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/)
    .default('mbauth'),

  DATA_DIR: z.string().default('.data'),
  EMBEDDED_EVENTSTORE_PORT: port.default(2114),
  EMBEDDED_POSTGRES_PORT: port.default(5433),
  EMBEDDED_REDIS_PORT: port.default(6380),
  MAILBOX_PORT: port.default(8025),
  GEOIP_SANDBOX_PORT: port.default(8026),
  VIRTUOZZO_SANDBOX_PORT: port.default(8027),

  DATABASE_POOL: z.coerce.number().int().min(2).max(500).default(20),
  MAIL_FROM: z.string().default('MBPanel <no-reply@mbpanel.example>'),
  MAIL_LANGUAGE: z.enum(['en', 'de']).default('en'),
  MAIL_STREAM: z.string().default('outbound'),
  BCRYPT_COST: z.coerce.number().int().min(4).max(16).default(12),
  HASH_QUEUE: z.coerce.number().int().min(0).max(10_000).default(64),
  MAILS_PER_IP_PER_HOUR: z.coerce.number().int().min(1).max(1_000_000).default(30),
  CODE_MAILS_PER_HOUR: z.coerce.number().int().min(1).max(1_000_000).default(10),
  SESSIONS_PER_USER: z.coerce.number().int().min(1).max(100).default(1),
  TEAMS_PER_USER: z.coerce.number().int().min(1).max(10_000).default(100),
  IDLE_TIMEOUT_SECONDS: seconds.min(300).max(86_400).default(3600),
  EXPIRY_CHECK_SECONDS: seconds.default(30),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(200).default(10),
  POSTMARK_WEBHOOK_USER: z.string().optional(),
  POSTMARK_WEBHOOK_PASSWORD: z.string().optional(),
  VIRTUOZZO_PROBE_SECONDS: seconds.min(2).max(3600).default(60),
  VIRTUOZZO_KEY_SECONDS: seconds.default(21_600),
  VIRTUOZZO_SESSION_ENDED_CODES: z
    .string()
    .regex(/^\d+(,\d+)*$/)
    .default('701,702'),
  AUDIT_ORIGIN: auditOrigin.optional(),
  AUDIT_CHECKPOINT_EVENTS: z.coerce.number().int().min(1).max(1_000_000).default(1000),
  AUDIT_CHECKPOINT_SECONDS: seconds.max(86_400).default(60),
  AUDIT_CHECKPOINT_DIR: z.string().optional(),
  AUDIT_CHECK_SECONDS: seconds.max(86_400).default(60),
  AUDIT_WITNESS_KEYS: z.string().default(''),
  RETENTION_EMAIL_DAYS: retentionDays,
  RETENTION_GEO_CHECK_DAYS: retentionDays,
  ALERT_MAIL_TO: z.email().max(254).optional(),
  ALERT_CHECK_SECONDS: seconds.max(3600).default(60),
  ALERT_MINIMUM_SAMPLES: z.coerce.number().int().min(1).max(1_000_000).default(20),
  ALERT_CLEAR_AT_PERCENT: z.coerce.number().min(1).max(100).default(80),
  ALERT_FAILED_LOGINS_PER_IP: thresholds('10,20'),
  ALERT_SUSPICIOUS_LOGINS_PERCENT: thresholds('5,10'),
  ALERT_SESSION_ERRORS_PERCENT: thresholds('1,5'),
  ALERT_EMAIL_FAILURES_PERCENT: thresholds('5,10'),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_SERVICE_NAME: z.string().max(255).default('mbauth'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(1).max(60_000).default(5000),
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(10).default(5),
  METRICS_PORT: port.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

export type Config = Readonly<z.infer<typeof schema>> & { readonly dataDir: string };

/** Thrown with one line for each variable that is not right. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
}

export const configurationNames = Object.keys(schema.shape);

export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(configurationNames.map((name) => [name, unset(env[name])]));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new InvalidConfiguration(lines.join('\n'));
  }
  return Object.freeze({ ...parsed.data, dataDir: resolve(parsed.data.DATA_DIR) });
}

/** Where the servers are that the service stands on, whoever brought them up. */
export interface Connections {
  readonly eventStoreUrl: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly masterKey: string;
  readonly postmarkToken: string;
  readonly postmarkApiUrl: string | undefined;
  /** Of a Geo-IP service; a local file may stand for it, or nothing. */
  readonly geoipApiUrl: string | undefined;
  /** Of the platform's Cloud API; without one no team can be linked. */
  readonly virtuozzoApiUrl: string | undefined;
}

/** The addresses of servers that are configured; what is missing is for the embedded mode. */
export function configuredConnections(config: Config): Partial<Connections> {
  const { EVENTSTORE_URL, DATABASE_URL, REDIS_URL, MASTER_KEY, POSTMARK_SERVER_TOKEN, POSTMARK_API_URL } = config;
  return {
    ...(EVENTSTORE_URL !== undefined && { eventStoreUrl: EVENTSTORE_URL }),
    ...(DATABASE_URL !== undefined && { databaseUrl: DATABASE_URL }),
    ...(REDIS_URL !== undefined && { redisUrl: REDIS_URL }),
    ...(MASTER_KEY !== undefined && { masterKey: MASTER_KEY }),
    ...(POSTMARK_SERVER_TOKEN !== undefined && { postmarkToken: POSTMARK_SERVER_TOKEN }),
    ...(POSTMARK_API_URL !== undefined && { postmarkApiUrl: POSTMARK_API_URL }),
    ...(config.GEOIP_API_URL !== undefined && { geoipApiUrl: config.GEOIP_API_URL }),
    ...(config.VIRTUOZZO_API_URL !== undefined && { virtuozzoApiUrl: config.VIRTUOZZO_API_URL }),
  };
}

/** Where traces go, and what is sent along; nothing is traced without it. */
export function traceCollector(config: Config): { url: string; headers: Record<string, string> } | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces, OTEL_EXPORTER_OTLP_ENDPOINT: base } = config;
  const url = traces ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
  return url === undefined ? undefined : { url, headers: headersIn(config.OTEL_EXPORTER_OTLP_HEADERS) ?? {} };
}

const variableOf: Record<Exclude<keyof Connections, 'postmarkApiUrl' | 'geoipApiUrl' | 'virtuozzoApiUrl'>, string> = {
  eventStoreUrl: 'EVENTSTORE_URL',
  databaseUrl: 'DATABASE_URL',
  redisUrl: 'REDIS_URL',
  masterKey: 'MASTER_KEY',
  postmarkToken: 'POSTMARK_SERVER_TOKEN',
};

/** Throws `InvalidConfiguration` with a line for each connection that is missing. */
export function completeConnections(known: Partial<Connections>): Connections {
  const missing = Object.entries(variableOf).filter(([name]) => known[name as keyof Connections] === undefined);
  if (missing.length > 0) {
    const lines = missing.map(([, variable]) => `${variable}: is not set; only the role "all" brings up its own`);
    throw new InvalidConfiguration(lines.join('\n'));
  }
  return { postmarkApiUrl: undefined, geoipApiUrl: undefined, virtuozzoApiUrl: undefined, ...known } as Connections;
}
