import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

/** Milliseconds for one batch with its repetitions; what is not delivered then is given up. */
const timeoutMs = 3000;

export interface DeliveryReport {
  delivered(): void;
  /** `reason` is a status or the name of an error: an answer of the collector is not repeated anywhere. */
  undelivered(spans: number, reason: string): void;
}

/** Spans as OTLP over HTTP, in JSON. */
export function otlpExporter(
  { url, headers }: { url: string; headers: Record<string, string> },
  report: DeliveryReport,
): SpanExporter {
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs });
  return {
    export: (spans, done) => {
      // Both are of one enum, which two copies of a package declare.
      const told = done as unknown as (result: object) => void;
      exporter.export(spans, (result) => {
        if (result.error === undefined) report.delivered();
        else report.undelivered(spans.length, reasonOf(result.error));
        told(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}

function reasonOf(error: Error & { code?: unknown }): string {
  const { code, name } = error;
  const reason = typeof code === 'number' || typeof code === 'string' ? String(code) : name;
  return /^\w{1,64}$/.test(reason) ? reason : 'unknown';
}
