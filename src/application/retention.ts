import type { TechnicalCategory } from '../domain/retention/events.ts';

/** Days for each category; `null`: for ever. */
export type RetentionSettings = Readonly<Record<TechnicalCategory, number | null>>;

/** How long the store keeps the events of one stream. Throws `Unavailable('event-store')`. */
export interface StreamAges {
  /** `null`: for ever. Answers whether it was otherwise before. */
  set(stream: string, days: number | null): Promise<boolean>;
}

export interface RetentionProgress {
  readonly days: number | null;
  /** Streams that ended up to here have been told; `undefined`: none. */
  readonly position: bigint | undefined;
  /** The farthest that streams were told anything ever. */
  readonly reached: bigint | undefined;
}

/** A stream that is over, by the event that ended it. */
interface EndedStream {
  readonly stream: string;
  readonly position: bigint;
}

export interface RetentionTables {
  progress(category: TechnicalCategory): Promise<RetentionProgress | undefined>;
  save(category: TechnicalCategory, progress: RetentionProgress): Promise<void>;
  /** In the order of the log, and only what a signed checkpoint covers: before that, its bytes may be kept nowhere else. */
  ended(of: {
    category: TechnicalCategory;
    after: bigint | undefined;
    /** Ended before this time, or up to this position. */
    before: Date | undefined;
    orUpTo: bigint | undefined;
    limit: number;
  }): Promise<readonly EndedStream[]>;
  /** Keeps, beside the bytes, what only the store knows of the events of these streams. */
  keepTimes(streams: readonly string[]): Promise<void>;
}
