#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import { wholeLog } from '../composition/retention.ts';
import { completeConnections, configuredConnections, InvalidConfiguration, loadConfig } from '../config.ts';
import { withKeptOrigin } from '../embedded/audit-origin.ts';
import { embeddedConnections } from '../embedded/embedded-connections.ts';
import { projections } from '../projections/all.ts';
import { checkAudit, cosign, type AuditCommands } from './audit/check.ts';
import { verifyFile } from './audit/verify.ts';
import { listErasures, reapplyErasures, type ErasureCommands } from './erasure.ts';
import { listKeys, rotateKey, type KeyCommands } from './keys.ts';
import { clearLimits, showLimits, type LimitCommands } from './limits.ts';
import { retireKeys, rewrapKeys, type RetirementCommands } from './retire-keys.ts';
import { listPermissions, type PermissionCommands } from './permissions.ts';
import { finishRestore, type RestoreCommands } from './restore.ts';
import { checkAll, listParked, rebuild, retryAllParked, showStatus, type ProjectionCommands } from './projections.ts';

const usage = `mbauth projections status                    how each read model stands
mbauth projections rebuild <name>… | --all   builds read models anew beside the live ones, then swaps them;
                                             interrupted, the next call goes on from there
mbauth projections check [--share 0.05]      replays a share of the streams and compares the rows
mbauth projections park list                 events that a read model could not take
mbauth projections park retry                tries them again
mbauth keys list                             the keys of the installation, and what each is used for
mbauth keys rotate <purpose>                 a new key: jwt-signing, token-derivation or pepper
mbauth keys retire                           the keys that nothing rests on any more
mbauth keys retire <purpose> <number>        that key at once, as after a theft: logs people out
mbauth keys rewrap                           wraps all keys with the present MASTER_KEY
mbauth permissions list                      the catalogue, and which roles lose what was retired
mbauth audit verify <file> --key <keyfile> [--previous <checkpoint>]
                                             checks an export without network or configuration
mbauth audit check                           compares the event store, the proofs and the read models
mbauth audit cosign <file>                   takes in the signatures of witnesses under a checkpoint
mbauth erasure list                          the ids of everybody who was erased, to keep apart from backups
mbauth erasure reapply [<userId>…]           after a restore: destroys their keys again, erases those named
mbauth restore finish                        after a restore: empties what is ahead of the restored log
mbauth limits show <ip|email|userId>         how the limits stand, and what is locked
mbauth limits clear <ip|email|userId>        begins to count anew; a locked account stays locked

Connects like the service: by EVENTSTORE_URL, DATABASE_URL, REDIS_URL and MASTER_KEY,
or to the embedded servers of a service that runs on DATA_DIR.
`;

/** Beside those of a rebuild, which takes one for each read model. */
const spareConnections = 2;

class Usage extends Error {
  override readonly name = 'Usage';
}

interface Options {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly share: number;
}

/** Answers `false` when something is not as it should be. */
type Command = (
  commands: ProjectionCommands &
    KeyCommands &
    RetirementCommands &
    LimitCommands &
    PermissionCommands &
    AuditCommands &
    ErasureCommands &
    RestoreCommands,
  options: Options,
) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  'projections status': showStatus,
  'projections rebuild': (given, { names, all }) => rebuild(given, all ? 'all' : some(names)),
  'projections check': (given, { share }) => checkAll(given, share),
  'projections park list': listParked,
  'projections park retry': retryAllParked,
  'keys list': listKeys,
  'keys rotate': (given, { names }) => rotateKey(given, some(names)),
  'keys retire': (given, { names }) => retireKeys(given, names),
  'keys rewrap': rewrapKeys,
  'permissions list': listPermissions,
  'audit check': checkAudit,
  'audit cosign': (given, { names }) => cosign(given, some(names)),
  'erasure list': listErasures,
  'erasure reapply': (given, { names }) => reapplyErasures(given, names),
  'restore finish': finishRestore,
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
  if (args[0] === 'audit' && args[1] === 'verify') return verifyFile(args.slice(2), process.stdout);
  const { command, options } = commandOf(args);
  const stopping = new AbortController();
  process.once('SIGINT', () => {
    stopping.abort();
  });
  const config = await withKeptOrigin(loadConfig(process.env));
  const connections = completeConnections({
    ...(await embeddedConnections(config.dataDir)),
    ...configuredConnections(config),
  });
  const logger = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const service = await compose({ config, connections, publicUrl, logger, signal: stopping.signal, impatient: true });
  try {
    const { eventStore } = service;
    const subscribe = wholeLog(service);
    const pool = service.database(projections.length + spareConnections);
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
