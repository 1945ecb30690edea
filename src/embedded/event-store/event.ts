/** An event as a client proposes it; `id` is a lower-case UUID. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as the log holds it. Positions are dense and start at 1; revisions start at 0 in each stream. */
export interface StoredEvent extends NewEvent {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly createdMicroseconds: number;
}

/** The largest signed 64-bit number: the revision of a tombstone and, as `$tb`, the mark of a soft-deleted stream. */
export const lastPossibleRevision = 9223372036854775807n;

/** The largest unsigned 64-bit number stands for the end of the log on the wire. */
export const endOfLog = 18446744073709551615n;

export const tombstoneType = '$streamDeleted';
export const metadataType = '$metadata';

/** Bytes of one append: the data and the metadata of all its events. */
export const maxAppendBytes = 1024 * 1024;

/** UTF-8 bytes; a Postgres index entry holds no more than about 2,700. */
export const maxNameBytes = 2000;

const metastreamPrefix = '$$';

export function isMetastream(stream: string): boolean {
  return stream.startsWith(metastreamPrefix);
}

export function metastreamOf(stream: string): string {
  return metastreamPrefix + stream;
}

/** The stream that a metastream describes. */
export function describedBy(metastream: string): string {
  return metastream.slice(metastreamPrefix.length);
}

/** Streams that a reader of `$all` never sees. */
export function isHiddenFromAll(stream: string): boolean {
  if (!stream.startsWith('$')) return false;
  return stream === '$epoch-information' || /^\$persistentsubscription-\$all::.*-(checkpoint|parked)$/s.test(stream);
}
