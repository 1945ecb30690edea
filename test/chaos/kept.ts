import type { ChaosRecord, RawEvent } from './record.ts';

/** A run as text, one JSON value a line: events without what is sealed, then deeds, mails and what was odd. */
export function keptRun(events: readonly RawEvent[], { deeds, mails, oddities }: ChaosRecord): string {
  const lines = [
    ...events.map((event) => ({ event })),
    ...deeds.map((deed) => ({ deed })),
    ...[...mails].map((mail) => ({ mail })),
    ...oddities.map((oddity) => ({ oddity })),
  ];
  return lines.map((line) => `${JSON.stringify(line, plain)}\n`).join('');
}

const sealed = new Set(['$sealed', 'client', 'subject', 'ipHash']);

function plain(key: string, value: unknown): unknown {
  if (sealed.has(key)) return undefined;
  return typeof value === 'bigint' ? value.toString() : value;
}

interface Line {
  readonly event?: Omit<RawEvent, 'revision' | 'position'> & { revision: string; position: string };
  readonly deed?: ChaosRecord['deeds'][number];
  readonly mail?: [string, { messageId: string; tag: string }];
  readonly oddity?: string;
}

export function runIn(text: string): { events: RawEvent[]; record: ChaosRecord } {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const events = lines.flatMap(({ event }) =>
    event === undefined ? [] : [{ ...event, revision: BigInt(event.revision), position: BigInt(event.position) }],
  );
  const deeds = lines.flatMap(({ deed }) => deed ?? []);
  const oddities = lines.flatMap(({ oddity }) => oddity ?? []);
  const mails = new Map(lines.flatMap(({ mail }) => (mail === undefined ? [] : [mail])));
  return { events, record: { deeds, mails, oddities } };
}
