import pino from 'pino';
import { t } from '../../support/tap.ts';
import { createWakeups } from '../../../src/platform/jobs/wakeups.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });

t.test('wake-ups that fall silent are told, and come again over a new connection', async (t) => {
  const { url } = await createTestDatabase(t);
  const proxy = await silentProxy(t, url);
  const here = await createWakeups(proxy.url, log);
  const there = await createWakeups(url, log);
  t.teardown(() => Promise.all([here.close(), there.close()]));
  const heard: string[] = [];
  here.on('job:a', () => heard.push('a'));
  t.equal(here.deafMs(), 0);
  proxy.silence();
  await until('the silence to be noticed', () => here.deafMs() > 0);
  t.equal(there.deafMs(), 0, 'by whom it concerns');
  proxy.speak();
  await until('a connection that gets through', () => here.deafMs() === 0);
  heard.length = 0;
  there.wake('job:a');
  await until('a wake-up over it', () => heard.length > 0);
  t.equal(proxy.open(), 1, 'of the others none is left');
});
