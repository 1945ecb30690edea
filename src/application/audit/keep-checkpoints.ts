import type { Clock } from '../ports.ts';
import type { SignCheckpoint, SigningOutcome } from './sign-checkpoint.ts';

/** How often it is looked whether one is due; also how long a reader may wait for more than the seconds configured. */
const lookEveryMs = 250;

export interface CheckpointKeeping {
  readonly signCheckpoint: SignCheckpoint;
  readonly clock: Clock;
  readonly settings: { readonly events: number; readonly seconds: number };
  readonly newestCheckpoint: () => Promise<{ readonly size: number; readonly signedAt: string } | undefined>;
  /** Rejects when it is told to stop. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  readonly onOutcome: (outcome: SigningOutcome) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Signs after so many events or seconds, but only when something was added that is no checkpoint itself: else each
 * checkpoint would be the cause of the next.
 */
export function keepCheckpoints({
  signCheckpoint,
  clock,
  settings,
  newestCheckpoint,
  pause,
  onOutcome,
  onFailure,
}: CheckpointKeeping): (
  head: () => { readonly size: number; readonly causeSize: number },
  signal: AbortSignal,
) => Promise<void> {
  return async (head, signal) => {
    const aborted = () => signal.aborted;
    let last: { size: number; at: number } | undefined;
    while (!aborted()) {
      try {
        last ??= lastOf(await newestCheckpoint());
        const { size, causeSize } = head();
        const now = clock().getTime();
        const isDue = size - last.size >= settings.events || now - last.at >= settings.seconds * 1000;
        if (causeSize > last.size && isDue) {
          const outcome = await signCheckpoint(size);
          await onOutcome(outcome);
          // A refused one is tried again at the usual pace: the alert stays until somebody has mended the store.
          last = { size: outcome.kind === 'signed' ? size : last.size, at: now };
          if (outcome.kind === 'refused') await pause(settings.seconds * 1000, signal);
        }
      } catch (error) {
        if (!aborted()) onFailure(error);
      }
      await pause(lookEveryMs, signal).catch(() => undefined);
    }
  };
}

const lastOf = (row: { size: number; signedAt: string } | undefined) => ({
  size: row?.size ?? 0,
  at: row === undefined ? 0 : Date.parse(row.signedAt),
});
