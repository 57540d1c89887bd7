import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { arrangeAvatar } from '../support/arrange.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { eagerPolls, startService } from '../support/service.ts';
import { t } from '../support/tap.ts';
import { until } from '../support/until.ts';

/* What docs/make-it-fail.md promises of each rule happens. */

type Seen = { status: string; blocked_reason: string | null; error: { code: string; retryable: boolean } | null };

// Each rule takes a training or two, half of them with a wait in it.
t.setTimeout(300_000);
const [page = ''] = (await readFile('docs/make-it-fail.md', 'utf8')).split('\n## Images\n');
const service = await startService(t, {
  sandbox: { speed: 400 },
  environment: { ...eagerPolls, ARTIFACT_GONE_SECONDS: '1' },
});
const { key } = await createKey(service.app, { name: 'fail', scopes: ['admin'] });

async function send(method: string, path: string, body?: object): Promise<Seen & { id: string }> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Seen & { id: string };
}

async function train(settings: object): Promise<string> {
  const { avatarId } = await arrangeAvatar(service.app);
  const { id } = await send('POST', `/v1/avatars/${avatarId}/trainings`, { preset: 'fast', ...settings });
  return id;
}

const seen = (id: string, what: string, is: (training: Seen) => boolean) =>
  until(what, async () => {
    const training = await send('GET', `/v1/trainings/${id}`);
    return is(training) && training;
  });
const succeeded = (id: string) => seen(id, 'a success', ({ status }) => status === 'succeeded');
const failed = (id: string) => seen(id, 'a failure', ({ status }) => status === 'failed');

t.test('the rules that the page sends strike the trainings with their trigger phrase alone', async (t) => {
  const [, script = ''] = /```bash\n([^]*?)```/.exec(page) ?? [];
  const { PATH = '' } = process.env;
  const env = { PATH, API: service.url, SANDBOX: service.sandbox.url() };
  await promisify(execFile)('bash', ['-c', `set -euo pipefail\n${script}`], { env });
  const [faceless, stuck, silent, plain] = await Promise.all([
    train({ trigger_phrase: 'NOFACE' }),
    train({ trigger_phrase: 'STUCK' }),
    train({ trigger_phrase: 'NOWEBHOOK' }),
    train({}),
  ]);
  t.match(await failed(faceless), { error: { code: 'no-face-found', retryable: false } });
  await succeeded(plain);
  t.match(await succeeded(silent), { result_source: 'poll' });
  await seen(stuck, 'the stuck one', ({ status }) => status === 'in_progress');
  await send('POST', `/v1/trainings/${stuck}/cancel`, {});
  await seen(stuck, 'its end', ({ status }) => status === 'cancelled');
  service.sandbox.faults.clear();
});

function jobsWith(text: string): number {
  return service.sandbox.queue.list().filter(({ raw }) => raw.includes(text)).length;
}

const rules = [...page.matchAll(/^\| ([^|]+) \| `(\{[^`]*\})` \| ([^|]+) \|$/gm)];
const endings: Record<string, (id: string) => Promise<Seen>> = {
  '`failed`, `no-face-found`': failed,
  '`failed`, `content-policy`': failed,
  '`failed`, retryable': failed,
  '`queued` with `blocked_reason`': (id) => seen(id, 'a reason', ({ blocked_reason }) => blocked_reason !== null),
  '`submitting`, settled by itself, paid once': succeeded,
  '`succeeded` all the same, found by polling': succeeded,
};

for (const [, what = '', rule = '', sees = ''] of rules) {
  const ending = endings[sees.trim()];
  if (!ending) continue;
  t.test(`${what}: ${sees}`, async (t) => {
    service.sandbox.faults.set([JSON.parse(rule)]);
    const trigger_phrase = `RULE${service.sandbox.submissions.list().length}`;
    const training = await ending(await train({ trigger_phrase }));
    const [, code] = /`failed`, `([\w-]+)`/.exec(sees) ?? [];
    if (code) t.equal(training.error?.code, code);
    if (sees.includes('retryable')) t.equal(training.error?.retryable, true);
    if (sees.includes('paid once')) t.equal(jobsWith(trigger_phrase), 1);
    service.sandbox.faults.clear();
  });
}

t.test('each row of the page is one of these, but for the one that hangs', async (t) => {
  t.equal(rules.length, Object.keys(endings).length + 1);
  t.equal(rules.filter(([, , , sees = '']) => endings[sees.trim()]).length, Object.keys(endings).length);
});
