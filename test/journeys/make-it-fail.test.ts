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
const [page = '', imagesPage = ''] = (await readFile('docs/make-it-fail.md', 'utf8')).split('\n## Images\n');
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

type Made = Seen & {
  id: string;
  images: { status: string }[];
  warnings: { code: string }[];
  has_late_result: boolean;
};

const imageRules = [...imagesPage.matchAll(/^\| ([^|]+) \| `(\{[^`]*\})` \| [^|]+ \| ([^|]+) \|$/gm)];

t.test('each rule for images shows a client what the page says', async (t) => {
  service.sandbox.faults.clear();
  const { avatarId } = await arrangeAvatar(service.app);
  await succeeded((await send('POST', `/v1/avatars/${avatarId}/trainings`, { preset: 'fast' })).id);
  const made = (id: string, what: string, is: (generation: Made) => boolean) =>
    until(what, async () => {
      const generation = (await send('GET', `/v1/generations/${id}`)) as Made;
      return is(generation) && generation;
    });
  t.equal(imageRules.length, 11);
  for (const [, what = '', rule = '', sees = ''] of imageRules) {
    await t.test(`${what}: ${sees}`, async (t) => {
      service.sandbox.faults.set([JSON.parse(rule)]);
      const asked = { prompt: what, num_images: 2, width: 512, height: 512 };
      const { id } = await send('POST', `/v1/avatars/${avatarId}/generations`, asked);
      const [, status = '', code = ''] = /^`(succeeded|failed)`(?:, `([\w-]+)`)?/.exec(sees) ?? [];
      if (code === 'deadline-exceeded') {
        const { fal_request_id: job } = await runsOut(id);
        await made(id, 'its end', (now) => now.status === 'failed');
        const running = service.sandbox.queue.get(job);
        if (!running) return t.fail('fal has it');
        await service.sandbox.queue.complete(running);
      }
      const generation = await made(id, sees, (now) => now.status === status);
      t.equal(generation.error?.code ?? '', code);
      const [, warning] = /warning `([\w-]+)`/.exec(sees) ?? [];
      t.same([...new Set(generation.warnings.map((each) => each.code))], warning === undefined ? [] : [warning]);
      if (sees.includes('image `flagged`')) t.match(generation.images, [{ status: 'ok' }, { status: 'flagged' }]);
      if (sees.includes('one image')) t.equal(generation.images.length, 1);
      if (sees.includes('has_late_result')) await made(id, 'late images', (now) => now.has_late_result);
    });
  }
  service.sandbox.faults.clear();
});

/** Lets the time of a generation that runs at fal be over. */
async function runsOut(id: string): Promise<{ fal_request_id: string }> {
  const { pool } = service.database;
  const running = await until('it runs', async () => {
    const { rows } = await pool.query(
      `update generations set deadline_at = now(), next_check_at = now()
       where id = $1 and status = 'in_progress' returning fal_request_id`,
      [id],
    );
    return rows[0];
  });
  return running;
}
