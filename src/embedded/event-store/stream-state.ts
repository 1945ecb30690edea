import { isMetastream, lastPossibleRevision } from './event.ts';

/** What the latest `$metadata` event says about which events of a stream can be read. */
export interface StreamLimits {
  readonly maxCount?: bigint;
  readonly maxAgeSeconds?: number;
  readonly truncateBefore?: bigint;
}

/** `lastRevision` is -1 for a stream without events. */
export interface StreamState {
  readonly lastRevision: bigint;
  readonly hasMetadata: boolean;
  readonly limits: StreamLimits;
}

export const noLimits: StreamLimits = {};

export function isTombstoned(state: StreamState): boolean {
  return state.lastRevision === lastPossibleRevision;
}

export function isSoftDeleted(state: StreamState): boolean {
  return state.limits.truncateBefore === lastPossibleRevision;
}

export function isMissing(state: StreamState): boolean {
  return state.lastRevision < 0n || isSoftDeleted(state);
}

/** The first revision that `$maxCount` and `$tb` leave readable. */
export function lowestVisibleRevision(stream: string, { lastRevision, limits }: StreamState): bigint {
  const maxCount = isMetastream(stream) ? 1n : limits.maxCount;
  const byCount = maxCount === undefined ? 0n : lastRevision - maxCount + 1n;
  const byTruncation = isMetastream(stream) ? 0n : (limits.truncateBefore ?? 0n);
  return [byCount, byTruncation].reduce((highest, bound) => (bound > highest ? bound : highest), 0n);
}

/** Malformed metadata counts as none, as the real server has it. */
export function parseLimits(metadata: Uint8Array | undefined): StreamLimits {
  if (metadata === undefined) return noLimits;
  const text = Buffer.from(metadata).toString('utf8');
  const keys = parseObject(text);
  const maxCount = integerAt(keys, '$maxCount', text);
  const maxAge = integerAt(keys, '$maxAge', text);
  const truncateBefore = integerAt(keys, '$tb', text);
  return {
    ...(maxCount !== undefined && maxCount > 0n && { maxCount }),
    ...(maxAge !== undefined && maxAge > 0n && { maxAgeSeconds: Number(maxAge) }),
    ...(truncateBefore !== undefined && { truncateBefore }),
  };
}

export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function integerAt(keys: Record<string, unknown>, key: string, text: string): bigint | undefined {
  const value = keys[key];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return undefined;
  const exact = Number.isSafeInteger(value) ? BigInt(value) : digitsOf(key, value, text);
  return exact > lastPossibleRevision ? lastPossibleRevision : exact;
}

/** JSON.parse rounds beyond 2^53 while `$tb` uses all of a signed 64-bit number, so the digits are read from the text. */
function digitsOf(key: string, rounded: number, text: string): bigint {
  const written = text.matchAll(new RegExp(`"\\${key}"\\s*:\\s*(\\d{1,19})(?!\\d)`, 'g'));
  const candidates = [...written].map((match) => BigInt(match[1] ?? 0)).filter((digits) => Number(digits) === rounded);
  return candidates.at(-1) ?? BigInt(rounded);
}
