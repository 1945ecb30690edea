#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import { completeConnections, configuredConnections, InvalidConfiguration, loadConfig } from '../config.ts';
import { embeddedConnections } from '../embedded/embedded-connections.ts';
import { listKeys, rotateKey, type KeyCommands } from './keys.ts';
import { clearLimits, showLimits, type LimitCommands } from './limits.ts';
import { checkAll, listParked, rebuild, retryAllParked, showStatus, type ProjectionCommands } from './projections.ts';

const usage = `mbauth projections status                    how each read model stands
mbauth projections rebuild <name>… | --all   builds read models anew beside the live ones, then swaps them
mbauth projections check [--share 0.05]      replays a share of the streams and compares the rows
mbauth projections park list                 events that a read model could not take
mbauth projections park retry                tries them again
mbauth keys list                             the keys of the installation, and what each is used for
mbauth keys rotate <purpose>                 a new key: jwt-signing, token-derivation or pepper
mbauth limits show <ip|email|userId>         how the limits stand, and what is locked
mbauth limits clear <ip|email|userId>        begins to count anew; a locked account stays locked

Connects like the service: by EVENTSTORE_URL, DATABASE_URL, REDIS_URL and MASTER_KEY,
or to the embedded servers of a service that runs on DATA_DIR.
`;

class Usage extends Error {
  override readonly name = 'Usage';
}

interface Options {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly share: number;
}

/** Answers `false` when something is not as it should be. */
type Command = (commands: ProjectionCommands & KeyCommands & LimitCommands, options: Options) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  'projections status': showStatus,
  'projections rebuild': (given, { names, all }) => rebuild(given, all ? 'all' : some(names)),
  'projections check': (given, { share }) => checkAll(given, share),
  'projections park list': listParked,
  'projections park retry': retryAllParked,
  'keys list': listKeys,
  'keys rotate': (given, { names }) => rotateKey(given, some(names)),
  'limits show': (given, { names }) => showLimits(given, some(names)),
  'limits clear': (given, { names }) => clearLimits(given, some(names)),
};

function commandOf(args: readonly string[]): { command: Command; options: Options } {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false }, share: { type: 'string', default: '0.05' } },
  });
  const words = positionals[1] === 'park' ? 3 : 2;
  const command = commands[positionals.slice(0, words).join(' ')];
  if (command === undefined) throw new Usage();
  return { command, options: { names: positionals.slice(words), all: values.all, share: Number(values.share) } };
}

function some(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new Usage();
  return names;
}

/** Exit code 0 when all is well, 1 when something is not, 2 for a command that is none. */
async function run(args: readonly string[]): Promise<number> {
  const { command, options } = commandOf(args);
  const stopping = new AbortController();
  process.once('SIGINT', () => {
    stopping.abort();
  });
  const config = loadConfig(process.env);
  const connections = completeConnections({
    ...(await embeddedConnections(config.dataDir)),
    ...configuredConnections(config),
  });
  const logger = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const service = await compose({ config, connections, publicUrl, logger, signal: stopping.signal, impatient: true });
  try {
    const { pool, subscribe, eventStore } = service;
    const readStream: ProjectionCommands['readStream'] = (stream, from) => eventStore.readStream(stream, from);
    const given = { ...service, pool, subscribe, readStream, logger, signal: stopping.signal, out: process.stdout };
    const complete = await command(given, options);
    return complete === false ? 1 : 0;
  } finally {
    await service.close();
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof Usage || (error instanceof TypeError && 'code' in error);
  process.stderr.write(
    isUsage ? usage : `${error instanceof InvalidConfiguration ? '' : 'mbauth: '}${(error as Error).message}\n`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
