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

  DATABASE_POOL: z.coerce.number().int().min(2).max(500).default(20),
  MAIL_FROM: z.string().default('MBPanel <no-reply@mbpanel.example>'),
  MAIL_LANGUAGE: z.enum(['en', 'de']).default('en'),
  MAIL_STREAM: z.string().default('outbound'),
  BCRYPT_COST: z.coerce.number().int().min(4).max(16).default(12),
  HASH_QUEUE: z.coerce.number().int().min(0).max(10_000).default(64),
  MAILS_PER_IP_PER_HOUR: z.coerce.number().int().min(1).max(1_000_000).default(30),
  CODE_MAILS_PER_HOUR: z.coerce.number().int().min(1).max(1_000_000).default(10),
  SESSIONS_PER_USER: z.coerce.number().int().min(1).max(100).default(1),
  IDLE_TIMEOUT_SECONDS: seconds.min(300).max(86_400).default(3600),
  EXPIRY_CHECK_SECONDS: seconds.default(30),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(200).default(10),
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
  };
}

const variableOf: Record<Exclude<keyof Connections, 'postmarkApiUrl' | 'geoipApiUrl'>, string> = {
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
  return { postmarkApiUrl: undefined, geoipApiUrl: undefined, ...known } as Connections;
}
