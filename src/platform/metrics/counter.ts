import { Counter, type CounterConfiguration, Histogram, type HistogramConfiguration, type Registry } from 'prom-client';

/** A counter with at most one label, and the values of the label. */
type Counted<T extends string> = Omit<CounterConfiguration<T>, 'registers' | 'labelNames'> & {
  labels?: Record<T, readonly string[]>;
};

/**
 * @returns the counter of this name, created on first use: jobs and routes of one process share a registry. Each label
 * value starts at 0, since Prometheus sees no increase in a series that appears with 1.
 */
export function counterIn<T extends string>(registry: Registry, { labels, ...rest }: Counted<T>): Counter<T> {
  const known = registry.getSingleMetric(rest.name);
  if (known instanceof Counter) return known;
  const [[name, values] = []] = Object.entries<readonly string[]>(labels ?? {}) as [T, readonly string[]][];
  const counter = new Counter<T>({ ...rest, labelNames: name ? [name] : [], registers: [registry] });
  if (name) for (const value of values ?? []) counter.inc({ [name]: value } as Record<T, string>, 0);
  return counter;
}

/** @returns the histogram of this name, created on first use. */
export function histogramIn<T extends string>(
  registry: Registry,
  configuration: Omit<HistogramConfiguration<T>, 'registers'>,
): Histogram<T> {
  const known = registry.getSingleMetric(configuration.name);
  return known instanceof Histogram ? known : new Histogram({ ...configuration, registers: [registry] });
}
