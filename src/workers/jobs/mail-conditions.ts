import type { Recorded } from '../../application/ports.ts';
import type { EventType } from '../../domain/events.ts';
import type { MailJobDependencies } from '../mail-job.ts';
import type { Remedy } from '../mails/mail-texts.ts';

export async function isFollowedBy(
  { eventStore }: Pick<MailJobDependencies, 'eventStore'>,
  { stream, revision }: Recorded,
  types: readonly EventType[],
): Promise<boolean> {
  const { events } = await eventStore.readStream(stream, revision + 1n);
  return events.some(({ event }) => types.includes(event.type));
}

export function isAhead({ clock }: Pick<MailJobDependencies, 'clock'>, at: string): boolean {
  return clock() < new Date(at);
}

/** How many whole units lie between, at least one. */
export function span(from: string, to: string, unitMs: number): number {
  return Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / unitMs));
}

export const remedy = ({ publicUrl }: Pick<MailJobDependencies, 'publicUrl'>): Remedy => ({
  forgotLink: `${publicUrl}/forgot`,
});
