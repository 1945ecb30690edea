import { readFileSync } from 'node:fs';
import type { Credentials } from './credentials.ts';

export interface EventStoreConfig {
  readonly databaseUrl: string;
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  readonly credentials?: Credentials;
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer };
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws an Error of one sentence when a variable is missing or malformed. Read by hand, to start small. */
export function readConfig(variables: Variables): EventStoreConfig {
  const databaseUrl = variables['EVENT_STORE_DATABASE_URL'] ?? '';
  if (!/^postgres(?:ql)?:\/\//.test(databaseUrl)) {
    throw new Error('EVENT_STORE_DATABASE_URL must be a postgres:// address.');
  }
  const credentials = pair(variables, 'EVENT_STORE_USERNAME', 'EVENT_STORE_PASSWORD');
  const tls = pair(variables, 'EVENT_STORE_TLS_CERT', 'EVENT_STORE_TLS_KEY');
  return {
    databaseUrl,
    host: variables['EVENT_STORE_HOST'] ?? '127.0.0.1',
    port: readPort(variables['EVENT_STORE_PORT']),
    ...(credentials && { credentials: { username: credentials[0], password: credentials[1] } }),
    ...(tls && { tls: { certificate: readFileSync(tls[0]), key: readFileSync(tls[1]) } }),
  };
}

function readPort(text = ''): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Error('EVENT_STORE_PORT must be a port number, or 0 for any.');
}

function pair(variables: Variables, first: string, second: string): readonly [string, string] | undefined {
  const [one, other] = [variables[first] ?? '', variables[second] ?? ''];
  if (one === '' && other === '') return undefined;
  if (one === '' || other === '') throw new Error(`${first} and ${second} go together.`);
  return [one, other];
}
