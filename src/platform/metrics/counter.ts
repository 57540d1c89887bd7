import { Counter, type CounterConfiguration, Histogram, type HistogramConfiguration, type Registry } from 'prom-client';

/** A counter with one label at the most, and the values that the label can have. */
type Counted<T extends string> = Omit<CounterConfiguration<T>, 'registers' | 'labelNames'> & {
  labels?: Record<T, readonly string[]>;
};

/**
 * @returns the counter of this name, made when it is first asked for: jobs and routes of one process share a registry.
 * It begins with 0 for each value of its label, for what appears with a 1 shows Prometheus no increase.
 */
export function counterIn<T extends string>(registry: Registry, { labels, ...rest }: Counted<T>): Counter<T> {
  const known = registry.getSingleMetric(rest.name);
  if (known instanceof Counter) return known;
  const [[name, values] = []] = Object.entries<readonly string[]>(labels ?? {}) as [T, readonly string[]][];
  const counter = new Counter<T>({ ...rest, labelNames: name ? [name] : [], registers: [registry] });
  if (name) for (const value of values ?? []) counter.inc({ [name]: value } as Record<T, string>, 0);
  return counter;
}

/** The same for a histogram. */
export function histogramIn<T extends string>(
  registry: Registry,
  configuration: Omit<HistogramConfiguration<T>, 'registers'>,
): Histogram<T> {
  const known = registry.getSingleMetric(configuration.name);
  return known instanceof Histogram ? known : new Histogram({ ...configuration, registers: [registry] });
}
