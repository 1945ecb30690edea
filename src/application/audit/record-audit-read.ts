import type { AuditReadKind } from '../../domain/audit/events.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';

interface AuditReading {
  readonly readBy: string;
  readonly teamId: string;
  readonly what: AuditReadKind;
  /** As asked; what was not asked for is `undefined`. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly count: number | null;
}

/** To be called before the answer is sent: what cannot be recorded is not shown. Throws `Unavailable('event-store')`. */
export type RecordAuditRead = (reading: AuditReading, context: Context) => Promise<{ position: bigint }>;

export function recordAuditRead({
  eventStore,
  newId,
  clock,
}: Pick<CommandHandling, 'eventStore' | 'newId'> & { clock: Clock }): RecordAuditRead {
  return async ({ filter, ...reading }, context) => {
    const at = clock().toISOString();
    const event = { type: 'AuditRead', data: { ...reading, filter: recordedFilter(filter), at } } as const;
    // No rule depends on this stream: every append to it is welcome in any order.
    const { position } = await eventStore.append(
      streams.auditRead(at.slice(0, 10)),
      [{ id: newId(), event, context }],
      'any',
    );
    return { position };
  };
}

/** An address is somebody's, and nobody's key would seal it here: only that it was asked for is kept. */
function recordedFilter(filter: Readonly<Record<string, unknown>>): Record<string, string> {
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(asked.map(([name, value]) => [name, name === 'ip' ? 'not recorded' : textOf(value)]));
}

const textOf = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.map(textOf).join(',') : String(value);
};
