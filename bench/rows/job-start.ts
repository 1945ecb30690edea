import { Redis } from 'ioredis';
import pg from 'pg';
import { queueName } from '../../src/workers/job.ts';
import { processorOf, type Measurement } from '../bench.ts';
import { loginSteps } from '../people.ts';
import { lanesOf, ours } from '../fixture.ts';
import { row } from '../row.ts';
import { ascending, quantile, rounded, spreadOver } from '../statistics.ts';

const logins = 20;

/** How soon the worker begins with what follows from an event. */
export const jobStart: Measurement = {
  name: 'job-start',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const { settings, databaseUrl } = service.installation;
    const since = new Date();
    const outcome = await bench.load.run({
      url: service.apiUrl,
      steps: loginSteps,
      lanes: lanesOf(people.slice(0, 8)),
      pace: { kind: 'open', seconds: bench.size.seconds * bench.size.rounds, perSecond: logins },
    });
    const started = await jobsIn(settings['REDIS_URL'] ?? '', `${settings['REDIS_PREFIX'] ?? ''}:${queueName}`);
    const recorded = await recordedSince(databaseUrl, since);
    const known = started.flatMap(({ eventId, at, delayMs }) => {
      const from = recorded.get(eventId);
      return from === undefined ? [] : [{ from, wait: at - from, delayMs }];
    });
    const seen = known.filter(({ delayMs }) => delayMs === 0).map(({ from, wait }): [number, number] => [from, wait]);
    const waits = ascending(seen.map(([, wait]) => wait));
    if (waits.length === 0) throw new Error('No job followed from an event.');
    const [p50, p95] = [quantile(waits, 0.5), quantile(waits, 0.95)];
    return [
      row(
        {
          name: 'event to job started, p50',
          unit: 'ms',
          ours: p50,
          note: `p95 ${rounded(p95)} ms; ${spreadOver(seen, bench.size.rounds)}; ${waits.length} jobs at ${logins} logins/s; from the time in the store to the first line of the job, in whole milliseconds; ${known.length - seen.length} more wait on purpose and are not counted`,
          because: processorOf([outcome]),
        },
        'p50 ≤ 15 ms, p95 ≤ 50 ms',
        () => p50 <= 15 && p95 <= 50,
      ),
    ];
  },
};

interface Started {
  readonly eventId: string;
  readonly at: number;
  /** How long it was to wait on purpose. */
  readonly delayMs: number;
}

/** The jobs that the queue still knows: of which event, and when the worker took them up. */
async function jobsIn(redisUrl: string, queue: string): Promise<Started[]> {
  const redis = new Redis(redisUrl);
  try {
    const ids = await redis.zrange(`${queue}:completed`, 0, -1);
    const jobs = await Promise.all(ids.map((id) => redis.hmget(`${queue}:${id}`, 'data', 'processedOn', 'opts')));
    return jobs.flatMap(([data, processedOn, opts]) => {
      const { eventId } = JSON.parse(data ?? '{}') as { eventId?: string };
      const { delay = 0 } = JSON.parse(opts ?? '{}') as { delay?: number };
      return eventId === undefined || processedOn == null ? [] : [{ eventId, at: Number(processedOn), delayMs: delay }];
    });
  } finally {
    redis.disconnect();
  }
}

async function recordedSince(databaseUrl: string, since: Date): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ event_id: string; recorded_at: Date }>(
    'select event_id, recorded_at from read_model.audit_log where recorded_at >= $1',
    [since],
  );
  await client.end();
  return new Map(rows.map(({ event_id, recorded_at }) => [event_id, recorded_at.getTime()]));
}
