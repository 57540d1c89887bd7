import { readFile } from 'node:fs/promises';
import { t } from '../../support/tap.ts';
import { failureCodeOf } from '../../../src/fal-jobs/failures.ts';
import { failureCodes, generationFailures } from '../../../src/features/generations/failures.ts';

t.test('docs/api.md lists every code, and whether the same again may succeed', async (t) => {
  const page = await readFile('docs/api.md', 'utf8');
  const rows = Object.entries(failureCodes).map(
    ([code, { message, retryable }]) => `| \`${code}\` | ${message} | ${retryable ? 'yes' : 'no'} |`,
  );
  t.match(page, rows.join('\n'));
});

t.test('each of fal’s refusals has its code', async (t) => {
  const cases: [string | null, number | null, string | null, string][] = [
    ['missing', 422, null, 'invalid-input'],
    ['greater_than_equal', 422, null, 'invalid-input'],
    ['file_download_error', 422, null, 'lora-unreachable'],
    ['value_error', 422, null, 'lora-refused'],
    ['content_policy_violation', 422, null, 'content-policy'],
    ['no_media_generated', 422, null, 'no-image'],
    ['feature_not_supported', 422, null, 'unsupported-feature'],
    ['generation_timeout', 504, null, 'provider-timeout'],
    ['downstream_service_error', 500, null, 'provider-error'],
    [null, 504, 'request_timeout', 'provider-start-timeout'],
    [null, null, 'client_cancelled', 'provider-cancelled'],
    [null, 500, null, 'provider-error'],
    [null, 418, null, 'provider-refused'],
  ];
  for (const [type, status, errorType, code] of cases) {
    const failure = { types: type === null ? [] : [type], status, errorType };
    t.equal(failureCodeOf(generationFailures, failure), code, `${type} ${status} ${errorType}`);
  }
});
