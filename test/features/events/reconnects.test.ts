import { pino } from 'pino';
import { t } from '../../support/tap.ts';
import { breakConnections } from '../../../lab/ground/reconnects.ts';
import { buildApp } from '../../../src/app.ts';
import { startApp } from '../../support/app.ts';

t.test('200 broken connections on two instances: no gap, no repeat', async (t) => {
  const { app, url, key, config } = await startApp(t);
  const second = await buildApp({ ...config, port: 0 }, { log: pino({ level: 'silent' }) });
  t.teardown(() => second.close());
  const urls = [url, await second.listen({ host: '127.0.0.1', port: 0 })];
  const fleet = { urls, key, units: [app, second] } as const;
  const { connections, events, frames, faults } = await breakConnections(fleet, { wanted: 200, readers: 20 });
  t.same(faults, []);
  t.ok(connections >= 200, `${connections} connections broke`);
  t.ok(events > 20 && frames > events, 'there was something to miss');
});
