export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';

export type SpanAttributes = Record<string, string | number | boolean>;

export type SpanOptions = {
  kind?: SpanKind;
  /** The W3C traceparent of the parent span; null begins a trace, omitted means the active span. */
  parent?: string | null;
  attributes?: SpanAttributes;
};

export type Note = (attributes: SpanAttributes) => void;

export type Tracer = {
  run<T>(name: string, options: SpanOptions, work: (note: Note) => Promise<T>): Promise<T>;
  traceparent(): string | null;
};

// Module state: the active span belongs to the process.
let tracer: Tracer | null = null;

/** Turns tracing on or, with null, off; when off, everything here does nothing. */
export function useTracer(next: Tracer | null): void {
  tracer = next;
}

export function isTracing(): boolean {
  return tracer !== null;
}

/**
 * Runs work as a span; errors are recorded and rethrown.
 * @param name the kind of work, never an id: spans are grouped by it
 */
export function inSpan<T>(name: string, options: SpanOptions, work: (note: Note) => Promise<T>): Promise<T> {
  return tracer === null ? work(() => undefined) : tracer.run(name, options, work);
}

/** @returns the active span's W3C traceparent, to store with deferred work; null without tracing */
export function traceparent(): string | null {
  return tracer === null ? null : tracer.traceparent();
}
