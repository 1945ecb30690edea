import { readdir, readFile } from 'node:fs/promises';

/** By what each process is called. */
export type ByProcess = Readonly<Record<string, number>>;

/** What Linux counts processor time in, whatever its own clock is (USER_HZ). */
const ticksPerSecond = 100;

/** The bench itself, in whose process mailbox and Geo-IP service are. */
const sandboxes = 'sandboxes';

const watched = new Map<number, string>();

/** From now on its processor time and memory count under this name, its children's too; answers how to end that. */
export function watchProcess(name: string, pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined;
  watched.set(pid, name);
  return () => {
    watched.delete(pid);
  };
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Its own, and of those of its children that ended. */
  readonly seconds: number;
}

/** Processor seconds of all that is watched, since each began. Empty where there is no `/proc`. */
export async function processorSeconds(): Promise<ByProcess> {
  const { user, system } = process.cpuUsage();
  const others = await summed(await trees(), ({ seconds }) => Promise.resolve(seconds));
  return { ...others, [sandboxes]: (user + system) / 1_000_000 };
}

/** What was taken between two looks; what began meanwhile counts from its beginning. */
export function between(before: ByProcess, after: ByProcess): ByProcess {
  const taken = Object.entries(after).map(([name, seconds]) => [name, Math.max(0, seconds - (before[name] ?? 0))]);
  return Object.fromEntries(taken) as ByProcess;
}

export const total = (byProcess: ByProcess): number => Object.values(byProcess).reduce((sum, value) => sum + value, 0);

/** Resident memory in MB. The pages that PostgreSQL's processes share count once. */
export async function residentByProcess(): Promise<ByProcess> {
  return summed(await trees(), ({ pid }, { shares }) => (shares ? proportionalMb(pid) : residentMb(pid)));
}

/** Resident memory of one process in MB, as Linux tells it. */
export const residentMb = (pid: number): Promise<number> => kilobytes(`/proc/${pid}/status`, /VmRSS:\s*(\d+)/);

const proportionalMb = (pid: number): Promise<number> => kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s*(\d+)/m);

async function kilobytes(path: string, pattern: RegExp): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return Number(pattern.exec(text)?.[1] ?? 0) / 1024;
}

interface Tree {
  readonly name: string;
  readonly members: readonly Stat[];
}

async function trees(): Promise<Tree[]> {
  const all = await allProcesses();
  const children = new Map<number, Stat[]>();
  for (const stat of all) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat]);
  const membersOf = (stat: Stat): Stat[] => [stat, ...(children.get(stat.pid) ?? []).flatMap(membersOf)];
  return all.flatMap((stat) => {
    const name = watched.get(stat.pid);
    return name === undefined ? [] : [{ name, members: membersOf(stat) }];
  });
}

async function summed(
  found: readonly Tree[],
  figure: (stat: Stat, of: { shares: boolean }) => Promise<number>,
): Promise<ByProcess> {
  const sums: Record<string, number> = {};
  for (const { name, members } of found) {
    const figures = await Promise.all(members.map((stat) => figure(stat, { shares: name === 'postgres' })));
    sums[name] = figures.reduce((sum, value) => sum + value, sums[name] ?? 0);
  }
  return sums;
}

async function allProcesses(): Promise<Stat[]> {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(names.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')));
  return stats.flatMap((line) => statIn(line) ?? []);
}

/** As proc(5) has it; the command, in brackets, may itself have brackets and spaces. */
export function statIn(line: string): Stat | undefined {
  const end = line.lastIndexOf(')');
  if (end < 0) return undefined;
  const fields = line.slice(end + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: Number.parseInt(line, 10), parent: Number(fields[1]), seconds: ticks / ticksPerSecond };
}
