import { Writable } from 'node:stream';
import pino from 'pino';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { deliverTo, generate, trained } from './story.ts';

const lines: string[] = [];
const log = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
const app = await startApp(t, { log, environment: eagerChecks, sandbox: { settings: { concurrency: 20 } } });
const { call, sandbox, database } = app;
const marker = 'QZPROMPTQZ';

t.test('a prompt stands in no log line, event, metric or name, whatever becomes of its generation', async (t) => {
  const { avatarId } = await trained(app);
  const prompt = `${marker} at the sea`;
  const small = { prompt, width: 256, height: 256 };
  const made = await generate(app, avatarId, small);
  await sandbox.queue.complete(await made.job());
  await made.is('succeeded');
  const refused = await generate(app, avatarId, small);
  await refused.is('in_queue');
  const detail = [{ loc: ['body', 'prompt'], msg: `no ${marker}`, type: 'content_policy_violation', input: prompt }];
  await deliverTo(app, refused, { status: 'ERROR', error: 'Invalid status code: 422', payload: { detail } });
  t.match(await refused.is('failed'), { error: { code: 'content-policy' } });
  sandbox.faults.set([{ on: 'submit', fault: 'answer', status: 422, body: { detail } }]);
  const unsent = await generate(app, avatarId, small);
  await unsent.is('failed');
  const path = `/v1/avatars/${avatarId}/generations`;
  const bad = await call('POST', path, { json: { prompt: `${marker} {nothing}` } });
  t.equal(bad.status, 422);
  t.equal((await call('POST', path, { json: { prompt: `${marker}\u0007` } })).status, 422);
  t.equal((await call('POST', path, { json: { ...small, dry_run: true } })).status, 200);
  t.equal((await call('DELETE', `/v1/generations/${made.id}`)).status, 204);
  t.ok(lines.length > 20, 'all that is logged was read');
  t.ok(
    lines.some((line) => line.includes(made.id)),
    'and it tells of the generations',
  );
  t.same(
    lines.filter((line) => line.includes(marker)),
    [],
  );
  const events = await database.pool.query(`select * from events where events::text like '%' || $1 || '%'`, [marker]);
  t.same(events.rows, []);
  const metrics = await call('GET', '/metrics');
  t.equal(metrics.status, 200);
  t.notOk(metrics.body.includes(marker));
});
