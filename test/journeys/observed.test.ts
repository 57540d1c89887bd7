import { t } from '../support/tap.ts';
import { jobToken } from '../../src/fal-jobs/token.ts';
import { startApp } from '../support/app.ts';
import { tokenFor } from '../support/callers.ts';
import { type Span, startCollector } from '../support/collector.ts';
import { readableLog } from '../support/log.ts';
import { jpeg } from '../../lab/ground/pictures.ts';
import { startReceiver } from '../../lab/ground/receiver.ts';
import { until } from '../support/until.ts';
import { setEnvironment } from '../support/in-process.ts';
import { form } from '../features/photos/form.ts';

const trace = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const client = '0123456789abcdef';
// Each step waits for the one before it, in one process that does everything.
const patienceMs = 30_000;

// Read by OpenTelemetry's SDK itself: spans are sent at once.
setEnvironment(t, { OTEL_BSP_SCHEDULE_DELAY: '20' });

t.test('one training is one trace, and neither log nor trace holds a secret of it', async (t) => {
  const collector = await startCollector(t);
  const { log, text } = readableLog('trace');
  const service = await startApp(t, {
    log,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_SERVICE_NAME: 'likeness-test',
      ALLOW_PRIVATE_WEBHOOKS: 'true',
      // Asked after once, on the way; the end comes by webhook.
      POLL_SECONDS: '60',
    },
  });
  const { app, call, sandbox, url, key, database } = service;
  const receiver = await startReceiver(t);
  const endpoint = (await call('POST', '/v1/webhook-endpoints', { json: { url: `${receiver.url}?k=hunter2` } })).body;
  const avatar = await service.makeAvatar();
  const userToken = await tokenFor(service, avatar.user_id);
  const photos = await Promise.all(Array.from({ length: 10 }, () => jpeg()));
  t.equal((await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(...photos) })).status, 201);

  const { status, body: training } = await call('POST', `/v1/avatars/${avatar.id}/trainings`, {
    headers: {
      authorization: userToken,
      'x-request-id': 'the-request',
      traceparent: `00-${trace}-${client}-01`,
    },
    json: { steps: 50 },
  });
  t.equal(status, 202);
  const ours = () => collector.spans.filter(({ traceId }) => traceId === trace);
  const named = (name: string) => ours().filter((span) => span.name === name);
  await until('it was asked after', () => named('fal status').length > 0, patienceMs);
  await sandbox.clock.advance(300);
  const last = await until(
    'the delivery of the end',
    () => ours().find(({ attributes }) => attributes['likeness.event_type'] === 'training.succeeded'),
    patienceMs,
  );

  const one = (name: string): Span => {
    const [found] = named(name);
    if (!found) throw new Error(`no span ${name} among ${[...new Set(ours().map((span) => span.name))].join(', ')}`);
    return found;
  };
  const post = one('POST /v1/avatars/:id/trainings');
  const parents: [child: string, parent: string][] = [
    ['training.dispatch', 'POST /v1/avatars/:id/trainings'],
    ['training.submit', 'training.dispatch'],
    ['fal upload', 'training.submit'],
    ['fal submit', 'training.submit'],
    ['training.check', 'POST /v1/avatars/:id/trainings'],
    ['POST /webhooks/fal', 'POST /v1/avatars/:id/trainings'],
    ['webhook.drain', 'POST /webhooks/fal'],
    ['training.verify', 'webhook.drain'],
    ['fal download', 'training.verify'],
  ];
  t.equal(post.parentSpanId, client, 'it goes on from the client’s own span');
  for (const [child, parent] of parents) t.equal(one(child).parentSpanId, one(parent).spanId, `${child} in ${parent}`);
  t.equal(last.parentSpanId, one('training.verify').spanId, 'the delivery follows from the verification');
  const queued = named('webhook.deliver').find((span) => span.attributes['likeness.event_type'] === 'training.queued');
  t.equal(queued?.parentSpanId, post.spanId, 'and the first one from the request');
  t.match(post, { service: 'likeness-test', kind: 2, attributes: { 'likeness.request_id': 'the-request' } });
  const [row] = (await database.pool.query('select * from trainings where id = $1', [training.id])).rows;
  t.match(one('fal submit').attributes, { 'fal.outcome': 'accepted', 'fal.request_id': row.fal_request_id });
  t.match(one('webhook.drain').attributes, { 'likeness.outcome': 'applied', 'likeness.training_id': training.id });
  const delivered = receiver.arrivals.find(({ message }) => message.type === 'training.succeeded');
  t.equal(delivered?.headers['traceparent'], `00-${trace}-${last.spanId}-01`, 'the receiver can go on from it');
  t.notOk(collector.spans.some(({ name }) => /readyz|livez|metrics/.test(name)));

  // What is refused is told too, and no fault.
  const linked = await call('POST', `/v1/trainings/${training.id}/artifacts/lora/link`, { json: {} });
  t.equal((await fetch(linked.body.url)).status, 200);
  t.equal(
    (await call('GET', `/v1/avatars/${avatar.id}`, { headers: { authorization: 'Bearer guessed' } })).status,
    401,
  );
  t.equal((await fetch(`${url}/webhooks/fal?t=forged`, { method: 'POST', body: '{}' })).status, 401);
  const refused = await until('the refusal', () =>
    collector.spans.find(({ attributes }) => attributes['http.response.status_code'] === 401),
  );
  t.notOk(refused.status.code, 'a refusal is no fault of the service');

  const { rows: webhooks } = await database.pool.query('select headers from fal_webhooks');
  const { rows: stored } = await database.pool.query('select minio_key from avatar_photos');
  const secrets: Record<string, string> = {
    key,
    'user token': userToken.slice('Bearer '.length),
    'secret of the endpoint': endpoint.secret,
    'address of the endpoint': 'hunter2',
    'attempt token': jobToken(app.installation.secret, {
      kind: 'training',
      jobId: row.id,
      submissionId: row.submission_id,
    }),
    'signature of fal': webhooks[0].headers['x-fal-webhook-signature'],
    'signature of the delivery': String(delivered?.headers['webhook-signature']),
    'signature of the link': new URL(linked.body.url).searchParams.get('signature') ?? '',
    'archive of photos': row.archive_url,
    'name of the archive': `${row.submission_id}.zip`,
    photo: stored[0].minio_key,
    'forged token': 'forged',
    'guessed key': 'guessed',
    'address of the database': app.config.database.url,
  };
  for (const [what, secret] of Object.entries(secrets)) {
    t.ok(secret.length > 5, `there is a ${what}`);
    t.notOk(text().includes(secret), `the log does not hold the ${what}`);
    t.notOk(collector.text().includes(secret), `the traces do not hold the ${what}`);
  }
  const lines = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const about = lines.filter((line) => line.training_id === training.id);
  t.ok(lines.some((line) => line.request_id === 'the-request' && line.trace_id === trace));
  const way = new Set(about.map((line) => line.status));
  for (const one of ['submitting', 'in_queue', 'succeeded']) t.ok(way.has(one), `the log tells that it was ${one}`);
  t.ok(about.some((line) => line.fal_request_id === row.fal_request_id && line.trace_id === trace));
  t.ok(lines.some((line) => line.outcome === 'applied' && line.fal_request_id === row.fal_request_id));
});
