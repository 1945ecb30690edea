import type { Recorded } from '../application/ports.ts';
import type { EventOf, EventType } from '../domain/events.ts';

/** One row by column name; values as JSON carries them (64-bit numbers as text). */
export type Row = Readonly<Record<string, unknown>>;
export type Tables = Readonly<Record<string, Row>>;

/**
 * What handlers write to. Nothing happens at once: the engine merges the writes of a batch by key and flushes them as
 * one statement for each table, so handlers may not read, and set values rather than add to them.
 */
export interface Writes<T extends Tables = Tables> {
  /** The whole row; where its key exists already, its columns are overwritten, except those to `keep`. */
  insert<Table extends keyof T & string>(table: Table, row: T[Table]): void;
  /** Some columns of a row that exists; nothing where it does not. */
  update<Table extends keyof T & string>(table: Table, key: Partial<T[Table]>, changes: Partial<T[Table]>): void;
}

type Handlers<T extends Tables> = {
  readonly [Type in EventType]?: (writes: Writes<T>, recorded: Recorded<EventOf<Type>>) => void;
};

/**
 * A read model: tables, and how events change them. Raise `version` when either changes: the tables are then rebuilt
 * beside the old ones. All events that touch one row come from one stream: that is the unit of parking and of samples.
 */
export interface Projection<T extends Tables = Tables> {
  readonly name: string;
  readonly version: number;
  /** DDL with unqualified names and primary keys only. */
  readonly schema: string;
  /** DDL of everything that a rebuild makes after loading. */
  readonly indexes: string;
  /** The primary key of each table; the keys are the list of tables. */
  readonly keys: { readonly [Table in keyof T & string]: readonly (keyof T[Table] & string)[] };
  /** Columns that keep their first value when a row is inserted again. */
  readonly keep?: { readonly [Table in keyof T & string]?: readonly (keyof T[Table] & string)[] };
  readonly on: Handlers<T>;
  /** For a model that takes every event. */
  readonly onEvery?: (writes: Writes<T>, recorded: Recorded) => void;
}

/** What the engine tells its operator; pino's logger is one. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const tablesOf = (projection: Projection): string[] => Object.keys(projection.keys);

export const handles = (projection: Projection, type: EventType): boolean =>
  projection.onEvery !== undefined || projection.on[type] !== undefined;

export function project(projection: Projection, writes: Writes, recorded: Recorded): void {
  const handler = projection.on[recorded.event.type] as ((writes: Writes, recorded: Recorded) => void) | undefined;
  projection.onEvery?.(writes, recorded);
  handler?.(writes, recorded);
}
