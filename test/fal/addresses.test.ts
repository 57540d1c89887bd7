import { t } from '../support/tap.ts';
import { valueWithoutAddresses, withoutAddresses } from '../../src/fal/addresses.ts';
import { sortStatus } from '../../src/fal/answers.ts';
import { failureFromAnswer, failureFromWebhook } from '../../src/fal/failure.ts';
import { parseWebhookBody } from '../../src/fal/webhook-body.ts';

const archive = 'https://v3.fal.media/files/lion/abc_018f.zip?X-Signature=s3cret';
const detail = [
  {
    loc: ['body', 'images_data_url'],
    msg: `Failed to download ${archive}`,
    type: 'file_download_error',
    url: 'https://docs.fal.ai/errors#file_download_error',
    input: archive,
    ctx: { tried: [archive, 'v3.fal.media/files/lion/abc_018f.zip'] },
  },
];
const answered = (status: number, body: unknown) =>
  ({ kind: 'answered', status, headers: {}, text: JSON.stringify(body) }) as const;

t.test('an address is replaced wherever it stands, and nothing else is', async (t) => {
  t.equal(withoutAddresses(`got "${archive}", twice: ${archive}.`), 'got "[url]", twice: [url]');
  t.equal(withoutAddresses("cannot open '/data/abc.zip': no such file"), "cannot open '[url]': no such file");
  t.equal(withoutAddresses('see https://docs.fal.ai/errors#x'), 'see https://docs.fal.ai/errors#x');
  const bar = '  3%|▎ | 75/2500 [00:12<06:31,  6.19it/s, loss=0.412]';
  t.equal(withoutAddresses(bar), bar);
  t.equal(withoutAddresses('unzip, .zipper and zip are words'), 'unzip, .zipper and zip are words');
  const escaped = [
    'https:\\/\\/v3.fal.media\\/a',
    'url=S3://bucket/a',
    'https%3A%2F%2Fv3.fal.media%2Fa',
    'x:https://a/b',
  ];
  for (const text of escaped) t.match(withoutAddresses(`a ${text} b`), /^a \S*\[url\] b$/, text);
  t.same(valueWithoutAddresses({ [archive]: 1 }), { '[url]': 1 });
  t.same(valueWithoutAddresses({ a: [archive, 1, null, { b: archive }] }), { a: ['[url]', 1, null, { b: '[url]' }] });
});

t.test('whichever way fal tells of a failure, the archive’s address is not in what is kept', async (t) => {
  const status = sortStatus(
    answered(200, { status: 'COMPLETED', error: `no ${archive}`, logs: [{ message: `Fetching ${archive}` }] }),
  );
  const told = {
    answer: failureFromAnswer(answered(422, { detail })),
    text: failureFromAnswer({ ...answered(500, {}), text: `<p>${archive}</p>` }),
    webhook: failureFromWebhook('r', 'Invalid status code: 422', { detail }),
    webhookText: failureFromWebhook('r', `no ${archive}`, null),
    status,
    payloadError: parseWebhookBody(JSON.stringify({ request_id: 'r', status: 'OK', payload_error: `no ${archive}` })),
  };
  for (const [way, what] of Object.entries(told)) {
    t.match(JSON.stringify(what), /\[url\]/, `${way} tells of it`);
    t.notMatch(JSON.stringify(what), /abc_018f|s3cret/, way);
  }
  t.match(told.answer.detail, { detail: [{ url: 'https://docs.fal.ai/errors#file_download_error', input: '[url]' }] });
});
