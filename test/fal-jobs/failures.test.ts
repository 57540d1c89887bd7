import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { t } from '../support/tap.ts';
import { failureFromAnswer, failureFromWebhook } from '../../src/fal/failure.ts';
import { blockedReason, chargedFor, isCancellation } from '../../src/fal-jobs/failures.ts';
import {
  errorOf,
  errorOfFailure,
  type FailureCode,
  failureCodeOf,
  failureCodes,
  trainingFailures,
} from '../../src/features/trainings/failures.ts';
import { signalOfFailure, signalOfResult, signalOfSuccess } from '../../src/fal-jobs/fal-signals.ts';
import { trainingKind } from '../../src/features/trainings/kind.ts';
import { aTraining } from '../../lab/ground/training.ts';

/** Every type of a model's error that fal documents, with its statuses (fal contract §1.7). */
const modelErrors: Record<string, { statuses: number[]; code: FailureCode }> = {
  missing: { statuses: [422], code: 'invalid-input' },
  greater_than_equal: { statuses: [422], code: 'invalid-input' },
  less_than_equal: { statuses: [422], code: 'invalid-input' },
  multiple_of: { statuses: [422], code: 'invalid-input' },
  one_of: { statuses: [422], code: 'invalid-input' },
  invalid_archive: { statuses: [422], code: 'invalid-archive' },
  archive_file_count_below_minimum: { statuses: [422], code: 'invalid-archive' },
  archive_file_count_exceeds_maximum: { statuses: [422], code: 'invalid-archive' },
  file_download_error: { statuses: [422], code: 'archive-unreachable' },
  image_too_small: { statuses: [422], code: 'invalid-photo' },
  image_too_large: { statuses: [422], code: 'invalid-photo' },
  image_load_error: { statuses: [422], code: 'invalid-photo' },
  face_detection_error: { statuses: [422], code: 'no-face-found' },
  file_too_large: { statuses: [422], code: 'invalid-photo' },
  content_policy_violation: { statuses: [422], code: 'content-policy' },
  no_media_generated: { statuses: [422], code: 'no-artifact' },
  feature_not_supported: { statuses: [422], code: 'unsupported-feature' },
  internal_server_error: { statuses: [500], code: 'provider-error' },
  downstream_service_error: { statuses: [400, 500], code: 'provider-error' },
  downstream_service_unavailable: { statuses: [500], code: 'provider-error' },
  generation_timeout: { statuses: [504], code: 'provider-timeout' },
  // Names of pydantic that occur beside them.
  'value_error.missing': { statuses: [422], code: 'invalid-input' },
  value_error: { statuses: [422], code: 'invalid-input' },
  int_parsing: { statuses: [422], code: 'invalid-input' },
};

/** Every error_type of the infrastructure, with its status (fal contract §1.7). */
const infrastructureErrors: Record<string, { status: number; code: FailureCode }> = {
  request_timeout: { status: 504, code: 'provider-start-timeout' },
  startup_timeout: { status: 504, code: 'provider-start-timeout' },
  runner_scheduling_failure: { status: 503, code: 'provider-error' },
  runner_connection_timeout: { status: 503, code: 'provider-error' },
  runner_disconnected: { status: 503, code: 'provider-error' },
  runner_connection_refused: { status: 503, code: 'provider-error' },
  runner_connection_error: { status: 503, code: 'provider-error' },
  runner_incomplete_response: { status: 502, code: 'provider-error' },
  runner_server_error: { status: 500, code: 'provider-error' },
  internal_error: { status: 500, code: 'provider-error' },
  client_disconnected: { status: 499, code: 'provider-cancelled' },
  client_cancelled: { status: 499, code: 'provider-cancelled' },
  bad_request: { status: 400, code: 'invalid-input' },
};

t.test('each documented error of a model has its code, whoever tells of it', async (t) => {
  for (const [type, { statuses, code }] of Object.entries(modelErrors)) {
    const body = { detail: [{ loc: ['body', 'images_data_url'], msg: 'told', type, input: 'https://x/a.zip' }] };
    for (const status of statuses) {
      t.equal(failureCodeOf(answered(status, body)), code, `${type} as a result with ${status}`);
      const webhook = failureFromWebhook('id', `Invalid status code: ${status}`, body);
      t.equal(failureCodeOf(webhook), code, `${type} by webhook with ${status}`);
    }
    t.equal(failureCodeOf(failureFromWebhook('id', null, body)), code, `${type} by a webhook that names no status`);
    t.equal(failureCodeOf({ types: [], errorType: type, status: null }), code, `${type} as the error of a status`);
  }
});

t.test('each documented error of the infrastructure has its code, whoever tells of it', async (t) => {
  for (const [type, { status, code }] of Object.entries(infrastructureErrors)) {
    const body = { detail: 'told', error_type: type };
    t.equal(failureCodeOf(answered(status, body)), code, `${type} as a result`);
    t.equal(
      failureCodeOf(answered(status, { detail: 'told' }, { 'x-fal-error-type': type })),
      code,
      `${type} as a header`,
    );
    t.equal(
      failureCodeOf(failureFromWebhook('id', `Invalid status code: ${status}`, body)),
      code,
      `${type} by webhook`,
    );
    t.equal(failureCodeOf({ types: [], errorType: type, status: null }), code, `${type} as the error of a status`);
  }
});

t.test('answers without a type are judged by their status', async (t) => {
  const table: [number, unknown, FailureCode][] = [
    [500, { detail: 'Internal Server Error' }, 'provider-error'],
    [404, { detail: 'Path /x not found' }, 'provider-refused'],
    [422, { detail: 'told' }, 'invalid-input'],
    [422, { detail: [{ msg: 'told', type: 'a_new_type' }] }, 'invalid-input'],
    [499, '', 'provider-cancelled'],
    [504, '<html>', 'provider-timeout'],
    [503, null, 'provider-error'],
  ];
  for (const [status, body, code] of table) t.equal(failureCodeOf(answered(status, body)), code, `${status}`);
  t.equal(failureCodeOf({ types: ['constructor'], errorType: 'toString', status: 500 }), 'provider-error');
});

t.test('the account is told from the training', async (t) => {
  const locked = 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.';
  t.equal(blockedReason(answered(401, { detail: 'invalid key credentials' })), 'provider-unauthorized');
  t.equal(blockedReason(answered(403, { detail: locked })), 'provider-balance-exhausted');
  t.equal(blockedReason(answered(403, { detail: 'User is locked.' })), 'provider-locked');
  t.equal(blockedReason(answered(403, { detail: 'Access denied' })), 'provider-unauthorized');
  t.equal(blockedReason(answered(429, { detail: 'Too many requests' })), 'provider-rate-limited');
  t.equal(blockedReason(answered(404, { detail: 'Application not found' })), null);
  t.equal(blockedReason(answered(422, { detail: [{ type: 'missing', msg: 'told' }] })), null);
});

t.test('whether fal charges is what its header says, else what its status means', async (t) => {
  t.equal(chargedFor(answered(422, {}, { 'x-fal-billable-units': '0' })), 'no');
  t.equal(chargedFor(answered(422, {}, { 'x-fal-billable-units': '12.5' })), 'yes');
  t.equal(chargedFor(answered(500, {})), 'no');
  t.equal(chargedFor(answered(504, {})), 'no');
  t.equal(chargedFor(answered(422, {})), 'unknown', 'some are charged (fal contract §1.7)');
  t.equal(chargedFor(failureFromWebhook('id', null, null)), 'unknown');
});

t.test('an error says what fal said, and whether it is worth another try', async (t) => {
  const body = {
    detail: [
      {
        loc: ['body', 'steps'],
        msg: 'too many in https://v3.fal.media/a.zip and see https://docs.fal.ai/errors',
        type: 'less_than_equal',
      },
    ],
  };
  const headers = { 'x-fal-request-id': 'request-1' };
  t.same(errorOfFailure(answered(422, body, headers)), {
    code: 'invalid-input',
    message: 'fal refused a setting of the training. steps: too many in [url] and see https://docs.fal.ai/errors',
    detail: { detail: [{ ...body.detail[0], msg: 'too many in [url] and see https://docs.fal.ai/errors' }] },
    retryable: false,
    provider_request_id: 'request-1',
  });
  t.equal(errorOfFailure(answered(500, {}, { 'x-fal-retryable': 'false' })).retryable, false, 'fal knows better');
  t.equal(errorOfFailure(answered(500, {})).retryable, true);
  t.same(errorOf('deadline-exceeded', null, 'request-2'), {
    code: 'deadline-exceeded',
    message: failureCodes['deadline-exceeded'].message,
    detail: null,
    retryable: true,
    provider_request_id: 'request-2',
  });
});

t.test('a cancellation is told from a failure', async (t) => {
  t.ok(isCancellation(trainingFailures, answered(499, {})));
  t.ok(isCancellation(trainingFailures, { types: [], errorType: 'client_cancelled', status: null }));
  t.notOk(isCancellation(trainingFailures, answered(500, {})));
});

function answered(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return failureFromAnswer({ kind: 'answered', status, headers, text });
}

t.test('docs/api.md lists every code, and whether the same again may succeed', async (t) => {
  const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const rows = Object.entries(failureCodes).map(
    ([code, { message, retryable }]) => `| \`${code}\` | ${message} | ${retryable ? 'yes' : 'no'} |`,
  );
  t.match(page, rows.join('\n'));
});

t.test('no address stands in the error of any signal, whatever fal answers', async () => {
  const training = aTraining({ status: 'in_queue', fal_request_id: 'r-1', cancel_requested_at: null });
  const address = fc
    .tuple(
      fc.constantFrom('https://', 'HTTP://', 's3://', 'https:\\/\\/'),
      fc.webPath(),
      fc.constantFrom('', '?sig=s3cret'),
    )
    .map(([scheme, path, query]) => [scheme, path.replaceAll("'", ''), query] as const)
    .map(([scheme, path, query]) => `${scheme}v3.fal.media/files${path}${query}`);
  const text = fc.oneof(
    address,
    fc.tuple(fc.string(), address).map(([before, url]) => `${before} "${url}"`),
    fc.string(),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, text, fc.integer(), fc.array(tie('value')), fc.dictionary(text, tie('value'))),
  }));
  const told = { falRequestId: 'r-1', gatewayRequestId: null, source: 'poll', logs: null } as const;
  const statuses = fc.constantFrom(400, 403, 404, 422, 500, 504);
  fc.assert(
    fc.property(value, text, statuses, fc.boolean(), (body, said, status, isDetail) => {
      const payload = isDetail ? { detail: body, error_type: said, message: said } : body;
      const answer = failureFromAnswer({
        kind: 'answered',
        status,
        headers: { 'x-fal-request-id': said },
        text: JSON.stringify(payload),
      });
      const signals = [
        signalOfSuccess(trainingKind, training, payload, 'null', told),
        signalOfFailure(trainingKind, training, answer, told),
        signalOfFailure(trainingKind, training, failureFromWebhook('r-1', said, payload), told),
        signalOfResult(trainingKind, training, said, { kind: 'failed', failure: answer }, null),
        { error: errorOfFailure(answer) },
        { error: errorOf('no-artifact', { result: payload }, said) },
      ];
      for (const signal of signals) {
        const written = JSON.stringify(signal && 'error' in signal ? signal.error : null);
        if (/:\\*\/\\*\/(?!docs\.fal|fal\.ai\/docs)|s3cret/.test(written)) throw new Error(written);
      }
    }),
  );
});

t.test('what fal says at length is cut before it goes into an event', async (t) => {
  const { detail, message } = errorOf('no-artifact', { result: 'x '.repeat(100_000) }, null);
  t.ok(JSON.stringify({ detail, message }).length < 20_000);
});
