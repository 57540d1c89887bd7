import { t } from '../support/tap.ts';
import { createWire, falAt, json, text } from './support/wire.ts';

const endpoint = 'fal-ai/flux-2-trainer/edit';
const id = '764eb1a3-0000-4000-8000-000000000001';
const details = [
  { loc: ['body', 'steps'], msg: 'must be at most 10000', type: 'less_than_equal', ctx: { le: 10000 }, input: 99999 },
  {
    loc: ['body', 'images_data_url'],
    msg: 'cannot load https://v3.fal.media/files/secret.zip now',
    type: 'file_download_error',
  },
];

/** What is kept of an answer: no address of an archive. */
function withoutAddress(body: object): unknown {
  return JSON.parse(JSON.stringify(body).replace('https://v3.fal.media/files/secret.zip', '[url]'));
}

await t.test('failures', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const options = { webhookUrl: 'https://likeness.test/webhooks/fal', startTimeoutSeconds: 60 };
  const locked = 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.';
  const table = [
    { status: 401, body: { detail: 'invalid key credentials' }, account: 'unauthorized' },
    { status: 403, body: { detail: locked }, account: 'exhausted_balance' },
    { status: 403, body: { detail: 'User is locked. Reason: Other.' }, account: 'locked' },
    { status: 403, body: { detail: 'Forbidden' }, account: 'unauthorized' },
    { status: 402, body: { detail: 'Pay' }, account: 'exhausted_balance' },
    { status: 429, body: { detail: 'Too many' }, account: 'rate_limited' },
    { status: 404, body: { detail: 'Path /x not found' }, account: null },
    { status: 422, body: { detail: details }, account: null },
    { status: 403, body: { detail: details }, account: null },
    { status: 400, body: { error: { type: 'validation_error', message: 'Bad' } }, account: null },
  ];
  for (const { status, body, account } of table) {
    wire.answerWith(json(status, body));
    const outcome = await fal.submit(endpoint, { steps: 1 }, options);
    const detail = withoutAddress(body);
    t.match(outcome, { kind: 'refused', failure: { status, account, detail } }, `${status} ${account}`);
  }

  wire.answerWith(
    json(
      422,
      { detail: details },
      { 'x-fal-request-id': 'r', 'x-fal-billable-units': '0', 'x-fal-retryable': 'false' },
    ),
  );
  t.match(await fal.submit(endpoint, { steps: 1 }, options), {
    failure: {
      types: ['less_than_equal', 'file_download_error'],
      message: 'steps: must be at most 10000; images_data_url: cannot load [url] now',
      errorType: null,
      billableUnits: 0,
      retryable: false,
      falRequestId: 'r',
    },
  });
  wire.answerWith(json(400, { detail: 'a\0b' }, { 'x-fal-error-type': 'bad_request', 'x-fal-needs-retry': '1' }));
  t.match(await fal.submit(endpoint, { steps: 1 }, options), {
    failure: { message: 'a\uFFFDb', detail: { detail: 'a\uFFFDb' }, errorType: 'bad_request', retryable: true },
  });
  wire.answerWith(text(403, '<html>'));
  t.match(await fal.submit(endpoint, { steps: 1 }, options), {
    failure: { message: 'fal answered 403.', detail: '<html>', errorType: null, retryable: null, billableUnits: null },
  });
  wire.answerWith(json(422, JSON.parse(`{"detail":${'['.repeat(4000)}${']'.repeat(4000)}}`)));
  t.match(await fal.submit(endpoint, { steps: 1 }, options), { kind: 'refused' }, 'a body nested too deeply');
});

await t.test('status', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const line = { message: 'step 1', timestamp: '2026-01-01T00:00:00Z', level: 'INFO', source: 'USER' };
  const bare = { message: 'a\uFFFDb', timestamp: null, level: null, source: null };
  const logs = [line, { message: 'a\0b' }, { no: 'message' }, 'text', null];
  const table: [status: number, body: unknown, outcome: object][] = [
    [202, { status: 'IN_QUEUE', queue_position: 0, logs: null }, { kind: 'in_queue', position: 0 }],
    [200, { status: 'IN_QUEUE' }, { kind: 'in_queue', position: null }],
    [202, { status: 'IN_PROGRESS', logs }, { kind: 'in_progress', logs: [line, bare] }],
    [202, { status: 'IN_PROGRESS', logs: null }, { kind: 'in_progress', logs: [] }],
    [
      200,
      { status: 'COMPLETED', metrics: { inference_time: 3.5 }, logs: [line] },
      { kind: 'completed', logs: [line], inferenceTime: 3.5 },
    ],
    [200, { status: 'COMPLETED', metrics: null, error: null }, { kind: 'completed', logs: [], inferenceTime: null }],
    [
      200,
      { status: 'COMPLETED', error: 'Invalid status code: 422', error_type: 'less_than_equal', logs: [line] },
      { kind: 'failed', logs: [line], error: 'Invalid status code: 422', errorType: 'less_than_equal' },
    ],
    [
      200,
      { status: 'COMPLETED', error_type: 'client_cancelled' },
      { kind: 'failed', logs: [], error: 'client_cancelled', errorType: 'client_cancelled' },
    ],
    [200, { status: 'COMPLETED', error: { a: 1 } }, { kind: 'failed', logs: [], error: '{"a":1}', errorType: null }],
    [200, { status: 'NEW' }, { kind: 'unavailable', reason: 'fal answered with an unknown status.' }],
    [200, [], { kind: 'unavailable', reason: 'fal answered with something that is no status.' }],
    [404, { status: 'NOT_FOUND' }, { kind: 'not_found' }],
    [500, { detail: 'Internal Server Error' }, { kind: 'unavailable', reason: 'fal answered 500.' }],
    [408, {}, { kind: 'unavailable', reason: 'fal answered 408.' }],
  ];
  for (const [status, body, outcome] of table) {
    wire.answerWith(json(status, body));
    t.same(await fal.status(endpoint, id), outcome, JSON.stringify(body));
  }
  t.equal(wire.seen.length, table.length, 'no request is repeated');
  t.match(wire.seen[0], { method: 'GET', path: `/queue.fal.run/fal-ai/flux-2-trainer/requests/${id}/status?logs=1` });
  wire.answerWith(json(401, { detail: 'invalid key credentials' }));
  t.match(await fal.status(endpoint, id), { kind: 'refused', failure: { account: 'unauthorized' } });
  wire.answerWith(json(429, {}));
  t.match(await fal.status(endpoint, id), { kind: 'refused', failure: { account: 'rate_limited' } });
  wire.answerWith((response) => response.socket?.destroy());
  t.match(await fal.status(endpoint, id), { kind: 'unavailable' });
  wire.seen.length = 0;
  t.match(await fal.status(endpoint, '../other'), { kind: 'unavailable' });
  t.equal(wire.seen.length, 0, 'an id that is a path is not sent');
});

await t.test('result', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const raw = '{"diffusers_lora_file": {"url": "https://v3.fal.media/a.safetensors"}, "seed": 17454220438242315174}';
  wire.answerWith(text(200, raw, { 'content-type': 'application/json' }));
  const outcome = await fal.result(endpoint, id);
  t.match(outcome, {
    kind: 'ok',
    raw: raw.replaceAll(': ', ':').replaceAll(', ', ','),
    data: { seed: Number('17454220438242315174') },
  });
  t.match(wire.seen[0], { method: 'GET', path: `/queue.fal.run/fal-ai/flux-2-trainer/requests/${id}` });
  wire.answerWith(json(200, { text: 'a\0' }));
  t.match(await fal.result(endpoint, id), {
    kind: 'ok',
    data: { text: 'a\uFFFD' },
    raw: '{"text":"a\uFFFD"}',
  });

  const table: [status: number, body: unknown, outcome: object, headers?: Record<string, string>][] = [
    [400, { detail: 'Request is still in progress' }, { kind: 'not_ready' }],
    [200, { status: 'IN_PROGRESS', request_id: id }, { kind: 'not_ready' }],
    [400, { detail: details }, { kind: 'failed', failure: { types: ['less_than_equal', 'file_download_error'] } }],
    [422, { detail: details }, { kind: 'failed', failure: { status: 422 } }],
    [422, { detail: 'bad' }, { kind: 'failed', failure: { message: 'bad', types: [] } }],
    [
      499,
      { detail: 'cancelled', error_type: 'client_cancelled' },
      { kind: 'failed', failure: { errorType: 'client_cancelled' } },
    ],
    [500, { detail: 'Internal Server Error' }, { kind: 'failed', failure: { status: 500 } }],
    [
      504,
      { detail: 'x', error_type: 'startup_timeout' },
      { kind: 'failed', failure: { errorType: 'startup_timeout' } },
    ],
    [504, {}, { kind: 'failed', failure: { errorType: 'request_timeout' } }, { 'x-fal-request-timeout-type': 'user' }],
    [
      503,
      { detail: 'x' },
      { kind: 'failed', failure: { errorType: 'runner_disconnected' } },
      { 'x-fal-error-type': 'runner_disconnected' },
    ],
    [404, { detail: 'Path /x not found' }, { kind: 'gone' }],
    [410, {}, { kind: 'gone' }],
    [404, { detail: details }, { kind: 'failed', failure: { status: 404 } }],
    [401, { detail: 'invalid key credentials' }, { kind: 'unavailable', failure: { account: 'unauthorized' } }],
    [403, { detail: 'User is locked.' }, { kind: 'unavailable', failure: { account: 'locked' } }],
    [
      429,
      { detail: 'x', error_type: 'concurrent_requests_limit' },
      { kind: 'unavailable', failure: { account: 'rate_limited' } },
    ],
    [500, {}, { kind: 'unavailable', failure: null }],
    [503, { detail: 'later' }, { kind: 'unavailable', failure: null }],
    [302, {}, { kind: 'unavailable', failure: null }],
  ];
  for (const [status, body, expected, headers] of table) {
    wire.answerWith(json(status, body, headers));
    t.match(await fal.result(endpoint, id), expected, `${status} ${JSON.stringify(body)}`);
  }
  wire.answerWith(text(200, '{"seed": NaN}', { 'content-type': 'application/json' }));
  t.match(await fal.result(endpoint, id), { kind: 'unavailable', reason: /not JSON/ });
  wire.answerWith((response) => response.socket?.destroy());
  t.match(await fal.result(endpoint, id), { kind: 'unavailable', failure: null });
});

await t.test('cancel', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const table: [status: number, body: unknown, outcome: object][] = [
    [202, { status: 'CANCELLATION_REQUESTED' }, { kind: 'requested' }],
    [200, { status: 'OK' }, { kind: 'requested' }],
    [200, { success: true }, { kind: 'requested' }],
    [400, { status: 'ALREADY_COMPLETED' }, { kind: 'already_completed' }],
    [404, { status: 'NOT_FOUND' }, { kind: 'not_found' }],
    [
      400,
      { message: 'Body cannot be empty' },
      { kind: 'refused', failure: { message: 'Body cannot be empty', status: 400 } },
    ],
    [401, { detail: 'Unauthorized' }, { kind: 'refused', failure: { account: 'unauthorized' } }],
    [503, {}, { kind: 'unavailable', reason: 'fal answered 503.' }],
  ];
  for (const [status, body, outcome] of table) {
    wire.answerWith(json(status, body));
    t.match(await fal.cancel(endpoint, id), outcome, JSON.stringify(body));
  }
  t.equal(wire.seen.length, table.length);
  t.match(wire.seen[0], { method: 'PUT', path: `/queue.fal.run/fal-ai/flux-2-trainer/requests/${id}/cancel` });
  wire.answerWith((response) => response.socket?.resetAndDestroy());
  t.match(await fal.cancel(endpoint, id), { kind: 'unavailable' });
});

await t.test('the log of calls names neither key nor token', async (t) => {
  const wire = await createWire(t);
  wire.answerWith(json(200, { request_id: id }));
  const lines: string[] = [];
  const log = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const fal = falAt(wire, { log: { debug: log, warn: log } });
  await fal.submit(endpoint, { a: 1 }, { webhookUrl: 'https://x.test/hook?t=token', startTimeoutSeconds: 60 });
  t.match(lines, [/"host":"queue.fal.run".*"status":200/]);
  t.notMatch(lines.join(), /secret|token/);
});
