/** What a span does: answer a request, ask another service, take up work that was left for it, or none of these. */
export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';

export type SpanAttributes = Record<string, string | number | boolean>;

export type SpanOptions = {
  kind?: SpanKind;
  /** The W3C traceparent that the span follows from; when null it begins a trace. Left out, it is the span that runs. */
  parent?: string | null;
  attributes?: SpanAttributes;
};

/** Adds what the work found out to its span. */
export type Note = (attributes: SpanAttributes) => void;

/** What a tracing library has to do for the service. */
export type Tracer = {
  run<T>(name: string, options: SpanOptions, work: (note: Note) => Promise<T>): Promise<T>;
  /** @returns the W3C traceparent of the span that runs; null outside of one */
  traceparent(): string | null;
};

// One for the process, as the span that runs is the process's own affair and no use case's.
let tracer: Tracer | null = null;

/** Begins or, with null, ends tracing; without it everything here does nothing at no cost. */
export function useTracer(next: Tracer | null): void {
  tracer = next;
}

/** @returns whether it pays to look up the trace that something belongs to */
export function isTracing(): boolean {
  return tracer !== null;
}

/**
 * Runs work as a span of a trace. What it throws is noted on the span and thrown on.
 * @param name the kind of work, never an id: spans are counted by it
 */
export function inSpan<T>(name: string, options: SpanOptions, work: (note: Note) => Promise<T>): Promise<T> {
  return tracer === null ? work(() => undefined) : tracer.run(name, options, work);
}

/** @returns the W3C traceparent of the span that runs, to be kept with what is done later; null when nothing is traced */
export function traceparent(): string | null {
  return tracer === null ? null : tracer.traceparent();
}
