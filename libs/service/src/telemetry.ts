import { context, propagation, trace } from '@opentelemetry/api';

/** Ends telemetry: everything that was recorded is sent first. */
export type StopTelemetry = () => Promise<void>;

const flushLimitMs = 2000;

/**
 * Starts traces when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; without it no SDK is loaded, nothing is lost and nothing printed.
 * The parts are put together by hand: the ready-made SDK takes three times as long to start.
 */
export async function startTelemetry(service: string, instance: string): Promise<StopTelemetry> {
  if (!process.env['OTEL_EXPORTER_OTLP_ENDPOINT']) return async () => undefined;
  const [{ TracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, { W3CTraceContextPropagator }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.namespace': 'millrace', 'service.name': service, 'service.instance.id': instance }),
    // The last flush sends all batches at once, and the exporter refuses more than 30.
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), maxQueueSize: 16_384, maxExportBatchSize: 2048, scheduledDelayMillis: 500 })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  // A collector that is away must not hold back the end of a service, nor be an error of it.
  return () => Promise.race([provider.shutdown().catch(() => undefined), new Promise<void>((resolve) => setTimeout(resolve, flushLimitMs).unref())]);
}
