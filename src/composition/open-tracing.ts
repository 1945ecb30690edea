import type { Logger } from 'pino';
import type { OpenTelemetryTracing } from '../adapters/opentelemetry-tracing.ts';
import type { DeliveryReport } from '../adapters/otlp-exporter.ts';
import { newId } from '../adapters/uuid-ids.ts';
import { traceCollector, type Config } from '../config.ts';

export interface OpenTracing extends OpenTelemetryTracing {
  /** From now on it is told there what becomes of the spans. */
  reportTo(logger: Pick<Logger, 'info' | 'warn'>, undelivered: (spans: number) => void): void;
}

/** Only where an endpoint is configured: else neither OpenTelemetry nor its exporter is even loaded. */
export async function openTracing(config: Config, process: string): Promise<OpenTracing | undefined> {
  const collector = traceCollector(config);
  if (collector === undefined) return undefined;
  const { opentelemetryTracing } = await import('../adapters/opentelemetry-tracing.ts');
  const { otlpExporter } = await import('../adapters/otlp-exporter.ts');
  let report: DeliveryReport | undefined;
  const exporter = otlpExporter(collector, {
    delivered: () => report?.delivered(),
    undelivered: (spans, reason) => report?.undelivered(spans, reason),
  });
  const tracing = opentelemetryTracing({
    exporter,
    serviceName: config.OTEL_SERVICE_NAME,
    attributes: { 'service.instance.id': newId(), 'mbauth.process': process },
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    delayMs: config.OTEL_BSP_SCHEDULE_DELAY,
  });
  return {
    ...tracing,
    reportTo: (logger, undelivered) => {
      report = reportOnce(logger, undelivered);
    },
  };
}

/** Counts all, and says once that it began and once that it is over. */
function reportOnce(logger: Pick<Logger, 'info' | 'warn'>, count: (spans: number) => void): DeliveryReport {
  let away = false;
  return {
    delivered: () => {
      if (away) logger.info('traces are delivered again');
      away = false;
    },
    undelivered: (spans, reason) => {
      count(spans);
      if (!away) logger.warn({ reason }, 'traces are not delivered; nothing waits for them');
      away = true;
    },
  };
}
