import { FastifyOtelInstrumentation } from '@fastify/otel';
import { context, diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import { endsWithin } from '../async/timeout.ts';
import { redacting } from './redact.ts';
import type { Tracer } from './trace.ts';

export type TraceSettings = { endpoint: string; serviceName: string };

// Probes are noise; a webhook of fal joins the trace of its training instead.
const untraced = new Set(['/livez', '/readyz', '/metrics', '/webhooks/fal']);

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const;

/** How long the end of the process waits for a silent collector. */
const lastSendMs = 2000;

/**
 * Starts OpenTelemetry with an OTLP exporter; loaded only when configured. The SDK reads its other standard settings
 * from the environment.
 * @returns the tracer, Fastify's plugin for request spans, and a function that flushes and ends it
 */
export function startOpenTelemetry({ endpoint, serviceName }: TraceSettings, log: FastifyBaseLogger) {
  diag.setLogger(
    { ...silent, error: (message) => log.warn({ detail: message }, 'traces could not be sent') },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const exporter = redacting(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }));
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': packageJson.version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    instrumentHandler: false,
    ignorePaths: ({ url }) => untraced.has(url.split('?', 1)[0] ?? url),
    requestHook: (span, request) => {
      span.updateName(`${request.method} ${request.routeOptions.url ?? 'none'}`);
      span.setAttribute('likeness.request_id', request.id);
    },
  });
  instrumentation.setTracerProvider(provider);
  return {
    tracer: tracerOf(provider),
    fastifyPlugin: instrumentation.plugin(),
    async close() {
      await endsWithin(
        lastSendMs,
        provider.shutdown().catch(() => undefined),
      );
      trace.disable();
      context.disable();
      diag.disable();
    },
  };
}

/** Restores the request's span, which is lost while the body is read from the socket. */
export function enterRequest(request: FastifyRequest, next: () => void): void {
  const { context: own } = request.opentelemetry() as { context?: typeof ROOT_CONTEXT | null };
  if (own) context.with(own, next);
  else next();
}

function tracerOf(provider: NodeTracerProvider): Tracer {
  const tracer = provider.getTracer(packageJson.name, packageJson.version);
  return {
    run(name, { kind = 'internal', parent, attributes = {} }, work) {
      const from = parent === undefined ? context.active() : contextOf(parent);
      return tracer.startActiveSpan(name, { kind: kinds[kind], attributes }, from, async (span) => {
        try {
          return await work((found) => void span.setAttributes(found));
        } catch (error) {
          if (error instanceof Error) span.recordException(error);
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    traceparent() {
      const own = trace.getSpanContext(context.active());
      if (!own) return null;
      return `00-${own.traceId}-${own.spanId}-${own.traceFlags.toString(16).padStart(2, '0')}`;
    },
  };
}

function contextOf(traceparent: string | null): typeof ROOT_CONTEXT {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

const silent = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
};
