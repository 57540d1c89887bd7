import autocannon from 'autocannon';
import type { Load, Loaded } from './load.ts';

/* The process of load.ts: receives loads, runs them by autocannon, sends the results, and ends with its parent. */

process.on('message', (load: Load) => {
  run(load).then(
    (loaded) => process.send?.(loaded),
    (error: unknown) => process.send?.(String(error)),
  );
});

async function run({ url, connections, seconds, rate, requests }: Load): Promise<Loaded> {
  let next = 0;
  const share = Math.max(1, Math.floor(requests.length / connections));
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: 10,
    ...(rate !== undefined && { overallRate: rate }),
    setupClient(client) {
      const begin = (next++ * share) % requests.length;
      client.setRequests(requests.slice(begin, begin + share));
    },
  });
  const { latency } = result;
  return {
    rate: result['2xx'] / result.duration,
    answered: result['2xx'],
    failed: result.errors + result.timeouts + result.non2xx,
    p50: latency.p50,
    p99: latency.p99,
    p999: latency.p99_9,
  };
}
