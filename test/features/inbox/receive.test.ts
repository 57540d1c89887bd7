import { randomBytes } from 'node:crypto';
import { t } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { jobToken } from '../../../src/fal-jobs/token.ts';
import { startService } from '../../support/service.ts';
import { begin } from '../trainings/story.ts';
import { post, resultOf, webhook } from './deliver.ts';

const service = await startService(t, { environment: { POLL_FIRST_SECONDS: '60' } });
const { app, sandbox, database } = service;
t.beforeEach(() => sandbox.faults.clear());
const story = await begin(service);
await story.is('in_queue');

const kept = async (): Promise<number> => {
  const { rows } = await database.pool.query('select count(*)::int as count from fal_webhooks');
  return rows[0].count;
};
async function counted(verdict: string): Promise<number> {
  const { values } = (await app.metrics.getSingleMetric('likeness_fal_webhooks_total')?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels['verdict'] === verdict)?.value ?? 0;
}

t.test('what bears no valid signature is refused, and nothing of it is kept', async (t) => {
  const good = await webhook(service, story, { body: { payload: await resultOf(story) } });
  const signature = good.headers['x-fal-webhook-signature'] ?? '';
  const without = (name: string) => {
    const { [name]: _, ...headers } = good.headers;
    return { ...good, headers };
  };
  const spoilt = {
    'no request id': without('x-fal-webhook-request-id'),
    'no user id': without('x-fal-webhook-user-id'),
    'no timestamp': without('x-fal-webhook-timestamp'),
    'no signature': without('x-fal-webhook-signature'),
    'another request id': await webhook(service, story, { headers: { 'x-fal-webhook-request-id': uuidv7() } }),
    'another user id': await webhook(service, story, { headers: { 'x-fal-webhook-user-id': 'github|other' } }),
    'another timestamp': await webhook(service, story, {
      headers: { 'x-fal-webhook-timestamp': `${Math.floor(Date.now() / 1000) - 5}` },
    }),
    'a changed signature': {
      ...good,
      headers: {
        ...good.headers,
        'x-fal-webhook-signature': signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      },
    },
    'a signature in base64': {
      ...good,
      headers: { ...good.headers, 'x-fal-webhook-signature': Buffer.from(signature, 'hex').toString('base64') },
    },
    'a signature that is none': await webhook(service, story, {
      headers: { 'x-fal-webhook-signature': 'ab'.repeat(64) },
    }),
    'a changed body': { ...good, body: good.body.replace('{', '{ ') },
    'a body written anew': { ...good, body: JSON.stringify(JSON.parse(good.body), null, 1) },
    'a body cut off': { ...good, body: good.body.slice(0, -1) },
    'no body': { ...good, body: '' },
    'a key that is published nowhere': await webhook(service, story, { key: 'unpublished' }),
    'a timestamp long past': await webhook(service, story, { skew: -310 }),
    'a timestamp to come': await webhook(service, story, { skew: 310 }),
    'an id that is not the one in the body': await webhook(service, story, {
      signedId: uuidv7(),
      body: { request_id: uuidv7() },
    }),
  };
  const before = await story.training();
  for (const [name, delivery] of Object.entries(spoilt)) {
    const { status, headers, json } = await post(delivery);
    t.equal(status, 401, name);
    t.match(headers.get('content-type'), 'application/problem+json');
    t.match(json, { code: 'invalid-signature', status: 401 });
  }
  t.equal(await counted('invalid_signature'), Object.keys(spoilt).length);
  t.equal(await kept(), 0);
  t.same(await story.training(), before, 'nothing was moved');
});

t.test('what is signed by fal and not ours is acknowledged and dropped', async (t) => {
  const ids = { kind: 'training' as const, jobId: story.id, submissionId: uuidv7() };
  const foreign = [null, '', 'x', jobToken(randomBytes(32), ids), 'A'.repeat(5000)];
  for (const token of foreign) {
    const { status, json } = await post(await webhook(service, story, { token }));
    t.equal(status, 200);
    t.same(json, { received: true });
  }
  const good = await webhook(service, story);
  t.match(await post({ ...good, url: `${good.url}&t=x` }), { status: 200 }, 'a token given twice is none');
  t.equal(await counted('foreign'), foreign.length + 1);
  t.equal(await kept(), 0);
});

t.test('what is ours is kept before it is acknowledged, signed by any of the published keys', async (t) => {
  const first = await webhook(service, story, { body: 'no JSON', key: 'old', requestId: 'r' });
  t.match(await post(first), { status: 200, json: { received: true } });
  const { rows } = await database.pool.query('select request_id, training_id, headers, body from fal_webhooks');
  t.match(rows, [{ request_id: 'r', training_id: story.id, headers: { 'x-fal-webhook-request-id': 'r' } }]);
  t.same(rows[0].body, Buffer.from('no JSON'), 'to the byte');
  t.notOk(JSON.stringify(rows[0].headers).includes('?t='));
});

t.test('the account that signs is learned from the first one of ours, and another is dropped', async (t) => {
  const { rows } = await database.pool.query('select fal_user_id from installation');
  t.same(rows, [{ fal_user_id: sandbox.userId }]);
  const before = await kept();
  t.match(await post(await webhook(service, story, { userId: 'github|other' })), { status: 200 });
  t.equal(await counted('foreign_signer'), 1);
  t.equal(await kept(), before);
});

t.test('bodies have a limit, and at the limit are taken', async (t) => {
  const limit = 5 * 1024 * 1024;
  const before = await kept();
  const envelope = await webhook(service, story, { body: { status: 'PADDED', pad: '' } });
  const pad = 'x'.repeat(limit - envelope.body.length);
  const whole = await webhook(service, story, { body: { status: 'PADDED', pad } });
  t.equal(whole.body.length, limit);
  t.match(await post(whole), { status: 200 });
  t.equal(await kept(), before + 1);
  const beyond = await post(await webhook(service, story, { body: { status: 'PADDED', pad: `${pad}x` } }));
  t.match(beyond, { status: 413, json: { code: 'payload-too-large' } });
  t.equal(await kept(), before + 1);
});

t.test('the body is what is signed, whatever it calls itself', async (t) => {
  const before = await kept();
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'multipart/form-data',
  ]) {
    const delivery = await webhook(service, story, { body: { status: 'TYPED' }, headers: { 'content-type': type } });
    t.equal((await post(delivery)).status, 200, type);
  }
  t.equal(await kept(), before + 4);
  const { status } = await fetch(`${service.url}/webhooks/fal`, { redirect: 'manual' });
  t.equal(status, 405, 'there is nothing to read');
});

t.test('known keys go on serving while the key set is away', async (t) => {
  sandbox.faults.set([{ on: 'jwks', fault: 'unavailable', times: 'always' }]);
  t.match(await post(await webhook(service, story, { body: { status: 'KNOWN' } })), { status: 200 });
});

t.test('without any key nothing is refused for good', async (t) => {
  for (const fault of ['unavailable', 'empty', 'not_json']) {
    await t.test(fault, async (t) => {
      const other = await startService(t, { sandbox: { faults: [{ on: 'jwks', fault, times: 'always' }] } });
      const mine = await begin(other);
      const answer = await post(await webhook(other, mine));
      t.match(answer, { status: 503, json: { code: 'no-signing-keys' } });
      t.match(answer.headers.get('retry-after'), /^\d+$/, 'fal tries again');
      const { rows } = await other.database.pool.query('select from fal_webhooks');
      t.equal(rows.length, 0);
    });
  }
});
