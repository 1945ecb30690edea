import { randomUUID } from 'node:crypto';
import { jsonEvent, type JSONEventType, type EventData, type ResolvedEvent } from '@eventstore/db-client';

export type Counted = JSONEventType<'Counted', { number: number; filling?: string }>;

export function counted(number: number, filling?: string): EventData<Counted> {
  return jsonEvent<Counted>({
    id: randomUUID(),
    type: 'Counted',
    data: { number, ...(filling !== undefined && { filling }) },
  });
}

export function countedTo(count: number, filling?: string): EventData<Counted>[] {
  return Array.from({ length: count }, (_, number) => counted(number, filling));
}

export function newStream(category = 'contract'): string {
  return `${category}-${randomUUID()}`;
}

export function numbersOf(events: readonly ResolvedEvent[]): number[] {
  return events.map(({ event }) => (event?.data as { number: number }).number);
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Takes items until enough of them satisfy the condition. */
export async function take<Item>(
  items: AsyncIterable<Item>,
  count: number,
  wanted: (item: Item) => boolean = () => true,
): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (wanted(item)) taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}
