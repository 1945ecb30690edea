import { TraceFlags, type SpanContext } from '@opentelemetry/api';

/** Neither id is all zeros; version ff is none, and version 00 ends with its flags. */
const form =
  /^(?!ff|00-.{53})[\da-f]{2}-(?!0{32})(?<traceId>[\da-f]{32})-(?!0{16})(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?:-|$)/;

/** W3C Trace Context §3.2 and §4: a newer version may say more behind what we know; `undefined` for anything invalid. */
export function readTraceparent(text: string | undefined): SpanContext | undefined {
  const found = form.exec(text ?? '')?.groups;
  if (found === undefined) return undefined;
  const { traceId = '', spanId = '', flags = '' } = found;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`;
}
