import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import type { OpenSpan, SpanIds, SpanOf, Tracing } from '../application/tracing.ts';
import { readTraceparent, writeTraceparent } from './traceparent.ts';

/** For spans that are still to be delivered when the process ends. */
const flushMs = 2000;

export interface OpenTelemetryTracing extends Tracing {
  /** For every line that is logged. */
  logFields(): Partial<SpanIds>;
  /** Delivers what there is, for two seconds at most. */
  stop(): Promise<void>;
}

interface Options {
  readonly exporter: SpanExporter;
  readonly serviceName: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Share of the traces that begin here and are recorded; a trace that began elsewhere is recorded if it is there. */
  readonly ratio: number;
  /** Milliseconds that a span may wait for others. */
  readonly delayMs: number;
}

/**
 * Spans over OpenTelemetry's SDK. They leave in batches, from a queue that forgets what it cannot hold: who does not
 * take them slows nothing down. Nothing of it is global, so that no library begins to trace by itself.
 */
export function opentelemetryTracing(options: Options): OpenTelemetryTracing {
  const provider = providerOf(options);
  const tracer = provider.getTracer('mbauth');
  const current = new AsyncLocalStorage<Context>();

  const run = <Result>(parent: Context, span: SpanOf, work: () => Promise<Result>): Promise<Result> => {
    const begun = begin(tracer, parent, span);
    return current.run(trace.setSpan(parent, begun), () => ended(begun, work));
  };
  const active = () => current.getStore() ?? ROOT_CONTEXT;
  const ids = () => trace.getSpanContext(active());
  return {
    inSpan: (span, work) => run(active(), span, work),
    continuing: (traceparent, span, work) => run(beneath(traceparent), span, work),
    open: (traceparent, span) => {
      const begun = begin(tracer, beneath(traceparent), span);
      return openSpan(begun, (work) => {
        current.run(trace.setSpan(ROOT_CONTEXT, begun), work);
      });
    },
    record: (traceparent, span, startedAt) => {
      const links = span.links.map(readTraceparent).filter((found) => found !== undefined);
      const more = { startTime: startedAt, links: links.map((context) => ({ context })) };
      tracer.startSpan(span.name, { ...optionsOf(span), ...more }, beneath(traceparent)).end();
    },
    traceparent: () => {
      const found = ids();
      return found && writeTraceparent(found);
    },
    logFields: () => {
      const found = ids();
      return found ? { traceId: found.traceId, spanId: found.spanId } : {};
    },
    stop: async () => {
      await Promise.race([provider.shutdown().catch(() => undefined), pause(flushMs, undefined, { ref: false })]);
    },
  };
}

const providerOf = ({ exporter, serviceName, attributes, ratio, delayMs }: Options) =>
  new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, ...attributes }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: delayMs })],
  });

function beneath(traceparent: string | undefined): Context {
  const parent = readTraceparent(traceparent);
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

const optionsOf = ({ kind, attributes }: SpanOf) => ({
  kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind],
  ...(attributes && { attributes }),
});

const begin = (tracer: Tracer, parent: Context, span: SpanOf): Span =>
  tracer.startSpan(span.name, optionsOf(span), parent);

async function ended<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // Messages and stacks of libraries can hold what somebody typed.
    span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', nameOf(error));
    throw error;
  } finally {
    span.end();
  }
}

function openSpan(span: Span, within: OpenSpan['within']): OpenSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    ids: { traceId, spanId },
    within,
    end: ({ name, attributes, failed }) => {
      span.updateName(name).setAttributes(attributes);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown';
  return /^\w{1,64}$/.test(name) ? name : 'unknown';
}
