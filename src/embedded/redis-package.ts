import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { childEnvironment, findOnPath } from './child-environment.ts';
import { logPath } from './data-folder.ts';
import { hasCode } from './embedded-start-error.ts';
import { runGuarded } from './guarded-child.ts';
import type { Finished } from './guarded-child.ts';
import { processMark } from './process-identity.ts';

const systemLists = '/var/lib/apt/lists';
const freshDays = 7;
const packages = [
  ['redis-server', 'redis-tools'],
  ['valkey-server', 'valkey-tools'],
] as const;

interface Fetch {
  /** Where the package is unpacked; whole, or not there at all. */
  folder: string;
  dataDir: string;
  now: Date;
}

/**
 * Downloads and unpacks the distribution's Redis, without root and without touching the system. apt verifies each
 * package's checksum against the index signed by the distribution. Undefined where there is no apt.
 */
export async function fetchRedisPackage({ folder, dataDir, now }: Fetch): Promise<Finished | undefined> {
  const [aptGet, dpkgDeb] = await Promise.all([findOnPath('apt-get'), findOnPath('dpkg-deb')]);
  if (aptGet === undefined || dpkgDeb === undefined) return undefined;
  await mkdir(dirname(folder), { recursive: true });
  await removeAbandoned(folder);
  const draft = `${folder}.part-${process.pid}`;
  const log = (step: string): string => logPath(dataDir, `redis-package-${step}`);
  try {
    const downloaded = await download(draft, aptGet, now, log);
    if (!downloaded.succeeded) return downloaded;
    const unpacked = await unpack(draft, dpkgDeb, log('unpack'));
    if (unpacked.succeeded) await publish(join(draft, 'tree'), folder);
    return unpacked;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What killed downloads left; the folder may be shared, so another living process's is let be. */
async function removeAbandoned(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.part-`;
  const left = (await readdir(dirname(folder))).filter((name) => name.startsWith(prefix));
  for (const name of left) {
    const owner = Number(name.slice(prefix.length));
    if (owner !== process.pid && (await processMark(owner)) !== undefined) continue;
    await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

/** With the system's package lists when they are fresh, else with lists of its own. */
async function download(draft: string, aptGet: string, now: Date, log: (step: string) => string): Promise<Finished> {
  const ownLists = join(draft, 'state', 'lists');
  await mkdir(join(ownLists, 'partial'), { recursive: true });
  await mkdir(join(draft, 'cache', 'archives', 'partial'), { recursive: true });
  const configuration = join(draft, 'apt.conf');
  await writeFile(configuration, aptConfiguration(draft));
  const env = childEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
  const apt = (step: string, lists: string, args: readonly string[]): Promise<Finished> =>
    runGuarded({
      name: 'apt-get',
      command: aptGet,
      args: ['-c', configuration, '-o', `Dir::State::Lists=${lists}`, ...args],
      endWith: 'TERM',
      log: log(step),
      env,
    });
  if (await listsAreFresh(now)) {
    const downloaded = await install((args) => apt('download', systemLists, args));
    if (downloaded.succeeded) return downloaded;
  }
  // A source that does not answer fails the update while the distribution's own may be there: the download decides.
  const updated = await apt('update', ownLists, ['update']);
  const downloaded = await install((args) => apt('download', ownLists, args));
  return { ...downloaded, output: `${updated.output}\n${downloaded.output}` };
}

async function install(apt: (args: readonly string[]) => Promise<Finished>): Promise<Finished> {
  const outputs: string[] = [];
  for (const names of packages) {
    // Reinstall, for one of the two may be on the system and both are needed in the tree.
    const outcome = await apt(['install', '--download-only', '--reinstall', '--no-install-recommends', '-y', ...names]);
    if (outcome.succeeded) return outcome;
    outputs.push(outcome.output);
  }
  return { succeeded: false, output: outputs.join('\n') };
}

// The hooks (`Invoke`) are for the system's own packages; those of Docker's images delete what was downloaded.
const aptConfiguration = (draft: string): string => `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
Dir::State "${draft}/state";
Dir::Cache "${draft}/cache";
APT::Sandbox::User "root";
APT::Keep-Downloaded-Packages "true";
Debug::NoLocking "true";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Acquire::Languages "none";
`;

async function listsAreFresh(now: Date): Promise<boolean> {
  const lists = await stat(systemLists).catch(() => undefined);
  return lists !== undefined && now.getTime() - lists.mtimeMs < freshDays * 86_400_000;
}

async function unpack(draft: string, dpkgDeb: string, log: string): Promise<Finished> {
  const archives = join(draft, 'cache', 'archives');
  const tree = join(draft, 'tree');
  await mkdir(tree);
  // A second C library beside the system's would not fit its loader.
  const files = (await readdir(archives)).filter((name) => name.endsWith('.deb') && !name.startsWith('libc6_'));
  for (const file of files) {
    const args = ['-x', join(archives, file), tree];
    const env = childEnvironment();
    const outcome = await runGuarded({ name: 'dpkg-deb', command: dpkgDeb, args, endWith: 'TERM', log, env });
    if (!outcome.succeeded) return outcome;
  }
  return { succeeded: files.length > 0, output: '' };
}

/** A copy that is there already was found not to run, or another installation has just made it: replaced in either case. */
async function publish(tree: string, folder: string): Promise<void> {
  await rename(folder, `${tree}.former`).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
  await rename(tree, folder);
}
