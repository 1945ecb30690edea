import { retention } from '../../domain/retention/decide.ts';
import { technicalCategories, type TechnicalCategory } from '../../domain/retention/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import type { RetentionProgress, RetentionSettings, RetentionTables, StreamAges } from '../retention.ts';
import { streams } from '../streams.ts';

const dayMs = 86_400_000;
const pageSize = 200;
/** Of one category in one run; the next run goes on. */
const mostStreams = 10_000;

interface Dependencies extends CommandHandling {
  clock: Clock;
  retentionTables: RetentionTables;
  retentionSettings: RetentionSettings;
  streamAges: StreamAges;
}

export type KeepRetention = (request: object, context: Context) => Promise<void>;

/**
 * Puts the configured retention on record, then tells the streams of each category that are over how long to keep their
 * events. Another policy than before is told also to those that were told the former one.
 */
export function keepRetention(deps: Dependencies): KeepRetention {
  const handle = commandHandler(deps, retention);
  const { retentionTables: tables, streamAges, retentionSettings, clock } = deps;

  return async (_request, context) => {
    for (const category of technicalCategories) {
      const days = retentionSettings[category];
      await handle(streams.retention(category), { type: 'SetRetention', category, days, now: clock() }, context);
      const known = await tables.progress(category);
      if (known?.days === days) await tell(category, known);
      else if (known !== undefined || days !== null) {
        const anew = { days, position: undefined, reached: known?.reached };
        await tables.save(category, anew);
        await tell(category, anew);
      }
    }
  };

  async function tell(category: TechnicalCategory, from: RetentionProgress): Promise<void> {
    const { days } = from;
    const before = days === null ? undefined : new Date(clock().getTime() - days * dayMs);
    let progress = from;
    for (let told = 0; told < mostStreams; told += pageSize) {
      const { position: after, reached: orUpTo } = progress;
      const page = await tables.ended({ category, after, before, orUpTo, limit: pageSize });
      const last = page.at(-1);
      if (last === undefined) return;
      if (days !== null) await tables.keepTimes(page.map(({ stream }) => stream));
      for (const { stream } of page) await streamAges.set(stream, days);
      progress = { days, position: last.position, reached: later(orUpTo, last.position) };
      await tables.save(category, progress);
      if (page.length < pageSize) return;
    }
  }
}

const later = (one: bigint | undefined, other: bigint): bigint => (one !== undefined && one > other ? one : other);
