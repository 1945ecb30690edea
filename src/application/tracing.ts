/** Names and values are words of ours, types, and ids: whoever reads traces need not be allowed to read more. */
export interface SpanOf {
  readonly name: string;
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: SpanAttributes;
}

export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * Spans of one trace over all processes. A `traceparent` is the place in a trace as text (W3C Trace Context §3.2); one
 * that cannot be read counts as none. Nothing here throws for want of somebody who takes the spans.
 */
export interface Tracing {
  /** A span beneath the current one, and the current one during `work`. A failure is marked by its name, and thrown on. */
  inSpan<Result>(span: SpanOf, work: () => Promise<Result>): Promise<Result>;
  /** The same beneath the span of another process; without one it begins a trace. */
  continuing<Result>(traceparent: string | undefined, span: SpanOf, work: () => Promise<Result>): Promise<Result>;
  /** For what ends elsewhere than it began. */
  open(traceparent: string | undefined, span: SpanOf): OpenSpan;
  /** One that ends now and began at `startedAt`, by `performance.now()`; it points to `links` beside its parent. */
  record(traceparent: string, span: SpanOf & { links: readonly string[] }, startedAt: number): void;
  /** Of the current span. */
  traceparent(): string | undefined;
}

export interface OpenSpan {
  readonly ids: SpanIds;
  /** Makes it the current one for all that `work` does and leads to. */
  within(work: () => void): void;
  end(ending: { name: string; attributes: SpanAttributes; failed: boolean }): void;
}
