import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { parseFaultRules } from '../../../packages/fal-sandbox/src/faults.ts';
import { call, portrait, startReceiver, startSandbox } from './support.ts';

const body = JSON.stringify({ images_data_url: 'https://v3.fal.media/files/a.zip' });
const address = `https://queue.fal.run/${portrait}`;

/** What each fault shows to the submitter, and whether a job exists afterwards. */
const answers: [fault: string, status: number, jobs: number, answer: Record<string, unknown>][] = [
  ['unavailable_before', 503, 0, { detail: String }],
  ['unavailable_after', 503, 1, { detail: String }],
  ['unauthorized', 401, 0, { detail: 'invalid key credentials' }],
  ['forbidden', 403, 0, { detail: /scope/ }],
  ['locked', 403, 0, { detail: /^User is locked. Reason: Exhausted balance\./ }],
  ['rate_limited', 429, 0, { detail: String }],
  ['not_found', 404, 0, { detail: String }],
  ['server_error', 500, 0, { detail: String }],
];

for (const [fault, status, jobs, answer] of answers) {
  t.test(`submit: ${fault}`, async (t) => {
    const { sandbox } = await startSandbox(t, { faults: [{ on: 'submit', fault }] });
    t.match(await call(sandbox, address, { method: 'POST', body }), { status, body: answer });
    t.match(sandbox.submissions.list(), [{ outcome: fault }]);
    t.equal(sandbox.queue.list().length, jobs);
    t.equal((await call(sandbox, address, { method: 'POST', body })).status, 200, 'once only');
    t.strictSame(sandbox.submissions.byArchive(), { 'https://v3.fal.media/files/a.zip': { posts: 2, jobs: jobs + 1 } });
  });
}

for (const [fault, jobs] of [
  ['reset_before', 0],
  ['reset_after', 1],
  ['cut_body', 1],
] as const) {
  t.test(`submit: ${fault}`, async (t) => {
    const { sandbox } = await startSandbox(t, { faults: [{ on: 'submit', fault }] });
    await t.rejects(call(sandbox, address, { method: 'POST', body }));
    t.equal(sandbox.queue.list().length, jobs);
  });
}

t.test('submit: no answer at all, with a job and without', async (t) => {
  const { sandbox } = await startSandbox(t);
  for (const job of [true, false]) {
    sandbox.faults.set([{ on: 'submit', fault: 'timeout', job }]);
    const waits = call(sandbox, address, { method: 'POST', body, signal: AbortSignal.timeout(150) });
    await t.rejects(waits, { name: 'TimeoutError' });
    t.equal(sandbox.queue.list().length, 1, 'one job, made by the first');
  }
});

t.test('submit: a client that repeats itself makes two jobs of one archive', async (t) => {
  const { sandbox, fal } = await startSandbox(t, { faults: [{ on: 'submit', fault: 'unavailable_after' }] });
  await fal.queue.submit(portrait, { input: JSON.parse(body) });
  t.strictSame(sandbox.submissions.byArchive(), { 'https://v3.fal.media/files/a.zip': { posts: 2, jobs: 2 } });
});

t.test('submit: slow, by the clock of the sandbox', async (t) => {
  const { sandbox } = await startSandbox(t, { faults: [{ on: 'submit', fault: 'slow', seconds: 30 }] });
  const answer = call(sandbox, address, { method: 'POST', body });
  await until('the job is queued', () => sandbox.queue.list().length > 0);
  await sandbox.clock.advance(31);
  t.equal((await answer).status, 200);
});

t.test('submit: any answer one likes, for one endpoint or archive', async (t) => {
  const { sandbox } = await startSandbox(t);
  sandbox.faults.set([
    { on: 'submit', fault: 'answer', status: 418, body: { short: 'stout' }, contains: 'files/b.zip', times: 'always' },
    { on: 'submit', fault: 'rate_limited', endpoint: 'fal-ai/turbo-flux-trainer', times: 'always' },
  ]);
  t.equal((await call(sandbox, address, { method: 'POST', body })).status, 200);
  const other = body.replace('a.zip', 'b.zip');
  t.match(await call(sandbox, address, { method: 'POST', body: other }), { status: 418, body: { short: 'stout' } });
  t.equal(
    (await call(sandbox, 'https://queue.fal.run/fal-ai/turbo-flux-trainer', { method: 'POST', body })).status,
    429,
  );
});

t.test('rules strike by chance, the same way for the same seed', async (t) => {
  const outcomes = async (seed: number) => {
    const { sandbox } = await startSandbox(t);
    sandbox.faults.add({ on: 'submit', fault: 'rate_limited', times: 'always', probability: 0.5, seed });
    const statuses: number[] = [];
    for (let post = 0; post < 20; post++)
      statuses.push((await call(sandbox, address, { method: 'POST', body })).status);
    t.match(sandbox.faults.list(), [{ seen: 20, struck: statuses.filter((status) => status === 429).length }]);
    return statuses;
  };
  const first = await outcomes(7);
  t.ok(first.includes(200) && first.includes(429));
  t.strictSame(await outcomes(7), first);
  t.notSame(await outcomes(8), first);
});

t.test('rules can pass over the first occasions', async (t) => {
  const { sandbox } = await startSandbox(t, { faults: [{ on: 'submit', fault: 'locked', skip: 1, times: 2 }] });
  const statuses: number[] = [];
  for (let post = 0; post < 4; post++) statuses.push((await call(sandbox, address, { method: 'POST', body })).status);
  t.strictSame(statuses, [200, 403, 403, 200]);
});

t.test('a rule that says nothing is refused with a sentence', (t) => {
  for (const [rule, sentence] of [
    [{ on: 'lunch', fault: 'late' }, /"on" must be one of submit, job, /],
    [{ on: 'submit', fault: 'late' }, /"fault" on submit must be one of unavailable_before, /],
    [{ on: 'submit', fault: 'locked', times: -1 }, /"times" must be/],
    [{ on: 'submit', fault: 'locked', moon: 1 }, /"moon" is no field/],
    [{ on: 'submit', fault: 'locked', seconds: '1' }, /"seconds" is no field of a fault rule, or has the wrong type/],
    ['locked', /must be an object/],
  ] as const) {
    t.throws(() => parseFaultRules([rule]), sentence);
  }
  t.end();
});

t.test('the webhook can come before the answer to the submission', async (t) => {
  const { sandbox } = await startSandbox(t, { faults: [{ on: 'webhook', fault: 'before_submit_answer' }] });
  const receiver = await startReceiver(t, sandbox);
  const answer = await call(sandbox, `${address}?fal_webhook=${encodeURIComponent(receiver.url)}`, {
    method: 'POST',
    body,
  });
  t.equal(receiver.received.length, 1);
  t.equal(receiver.received[0]?.headers['x-fal-webhook-request-id'], answer.body.request_id);
  t.match(answer.body, { status: 'IN_QUEUE' });
});
