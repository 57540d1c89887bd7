import { explainStartFault } from '../../../src/start-faults.ts';
import { startService as startServing } from '../../../src/serve.ts';
import { makeConfig, readSettings } from '../../../src/config.ts';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { startApp } from '../../support/app.ts';
import { queryOnce } from '../../support/postgres.ts';
import { startStandby } from '../../support/standby.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';

t.setTimeout(120_000);
const pair = await startStandby(t);

t.test('a start at a hot standby is refused with a sentence', async (t) => {
  const config = makeConfig(
    readSettings({
      FAL_MODE: 'sandbox',
      FAL_BASE_URL: 'http://127.0.0.1:9',
      DATABASE_URL: pair.standby,
      STORAGE_URL: pathToFileURL(t.testdir()).href,
      PUBLIC_URL: 'http://127.0.0.1:1',
    }),
  );
  const fault = await startServing(config, 'all', pino({ level: 'silent' })).catch(explainStartFault);
  t.match(fault, {
    message:
      /^The database can't be worked on \(writes\): it is a replica in recovery and takes no writes\. Name the primary/,
    expected: true,
  });
});

t.test('a service whose primary is gone goes on soon after its address leads to the promoted standby', async (t) => {
  const proxy = await silentProxy(t, pair.primary);
  const { app, call, makeUser } = await startApp(t, {
    environment: { DATABASE_URL: proxy.url, DATABASE_TIMEOUT_SECONDS: '1' },
  });
  const before = await makeUser();
  await until('the standby to know it', async () => {
    const rows = await queryOnce(pair.standby, 'select from events where sequence is not null and user_id = $1', [
      before.id,
    ]);
    return rows.length === 1;
  });

  proxy.silence();
  pair.vanish();
  const json = { external_id: 'during the silence' };
  t.match(await call('POST', '/v1/users', { json }), { status: 503, body: { code: 'database-unavailable' } });
  // The name is moved before the standby is promoted.
  proxy.lead(pair.standby);
  proxy.speak();
  await until('an answer that reads', async () => (await call('GET', `/v1/users/${before.id}`)).status === 200);
  t.match(await call('POST', '/v1/users', { json }), { status: 503 });
  t.equal((await call('GET', '/readyz')).status, 503);

  await pair.promote();
  const after = await until(
    'a write',
    async () => {
      const { status, body } = await call('POST', '/v1/users', { json: { external_id: 'after' } });
      return status === 201 && body;
    },
    10_000,
  );
  await until('its event to be numbered', async () => {
    const { body } = await call('GET', `/v1/events?user_id=${after.id}`);
    return body.data.length === 1;
  });
  await until('a service that is ready', async () => (await call('GET', '/readyz')).status === 200, 10_000);
  await until('wake-ups from others', () => app.wakeups.deafMs() === 0, 10_000);
  t.match(await call('GET', `/v1/users/${before.id}`), { status: 200, body: { id: before.id } });
});
