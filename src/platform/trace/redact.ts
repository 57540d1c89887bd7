import { type Attributes, type AttributeValue, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { withoutSecrets } from '../redaction.ts';

/** @returns an exporter that removes keys, tokens, signatures and query strings from spans */
export function redacting(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(redacted), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

// Spans are shared and their members are getters: an overlay is exported instead.
function redacted(span: ReadableSpan): ReadableSpan {
  const { message } = span.status;
  // A refused request is no fault of the service.
  const isRefusal = Number(span.attributes['http.response.status_code'] ?? 500) < 500;
  const own = {
    name: plain(span.name),
    attributes: plainAttributes(span.attributes),
    status: isRefusal
      ? { code: SpanStatusCode.UNSET }
      : { ...span.status, ...(message !== undefined && { message: plain(message) }) },
    events: span.events.map((event) => ({
      ...event,
      name: plain(event.name),
      ...(event.attributes && { attributes: plainAttributes(event.attributes) }),
    })),
  };
  return Object.create(
    span,
    Object.fromEntries(Object.entries(own).map(([name, value]) => [name, { value, enumerable: true }])),
  ) as ReadableSpan;
}

function plainAttributes(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: AttributeValue | undefined): AttributeValue | undefined {
  if (typeof value === 'string') return plain(value);
  // OpenTelemetry's lists hold values of one type.
  return Array.isArray(value) ? (value.map((item) => plainValue(item ?? undefined)) as AttributeValue) : value;
}

// Queries hold tokens, signatures and cursors: only the path of an address is kept.
function plain(text: string): string {
  return withoutSecrets(text).replaceAll(/[^\s"']+/g, withoutQuery);
}

function withoutQuery(word: string): string {
  const [path = ''] = word.split('?', 1);
  return path.includes('/') ? path : word;
}
