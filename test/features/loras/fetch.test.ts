import { createHash } from 'node:crypto';
import { loraAddress } from '../../../src/features/loras/address.ts';
import { unfetchedAvatars } from '../../../src/features/loras/adopted.ts';
import { fetchAdopted } from '../../../src/features/loras/fetch-adopted.ts';
import { sweepLoraJob } from '../../../src/features/loras/sweep.ts';
import { findTraining } from '../../../src/features/trainings/store.ts';
import { StorageError } from '../../../src/platform/storage/storage.ts';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { avatarRow } from '../../support/arrange.ts';
import { runCommand } from '../../support/command.ts';
import { eagerPolls } from '../../support/service.ts';
import { never, trained } from './story.ts';

const service = await startApp(t, { environment: eagerPolls });
const { app, sandbox, database, call } = service;
const source = await trained(service);
const { lora, config } = source.artifacts ?? {};
const [loraUrl = '', configUrl = ''] = [lora?.url, config?.url];

/** An avatar as the earlier system left it, completed. */
async function completed(columns: Record<string, unknown> = {}): Promise<string> {
  const { id } = await service.makeAvatar();
  const row = {
    status: 'completed',
    is_draft: false,
    training_progress: 100,
    training_started_at: '2025-05-01T10:00:00Z',
    training_completed_at: '2025-05-01T10:20:00Z',
    trigger_word: 'TOK',
    trigger_phrase: 'zfk person',
    diffusers_lora_file_url: loraUrl,
    config_file_url: configUrl,
    training_logs: 'as it was',
    ...columns,
  };
  const names = Object.keys(row);
  await database.pool.query(
    `update avatars set ${names.map((name, index) => `${name} = $${index + 2}`).join(', ')} where id = $1`,
    [id, ...Object.values(row)],
  );
  await database.pool.query(`update avatars set fal_response_data = '{"seed": 18446744073709551615}' where id = $1`, [
    id,
  ]);
  return id;
}

async function fetchOf(avatarId: string, context: Parameters<typeof fetchAdopted>[0] = app) {
  for await (const unfetched of unfetchedAvatars(app.db, avatarId)) return fetchAdopted(context, unfetched, never);
  return null;
}

async function trainingsOf(avatarId: string) {
  const { rows } = await database.pool.query('select id from trainings where avatar_id = $1', [avatarId]);
  return rows;
}

t.test('weights of the earlier system become a succeeded training, and the avatar keeps its values', async (t) => {
  const id = await completed({ fal_request_id: 'earlier-1' });
  const before = await avatarRow(app, id);
  const result = await fetchOf(id);
  if (!result?.fetched) throw new Error(JSON.stringify(result));
  const training = await findTraining(app.db, result.trainingId);
  t.match(training, {
    status: 'succeeded',
    attempt: 1,
    trainer: 'portrait',
    settings: { trigger_phrase: 'zfk person' },
    fal_request_id: 'earlier-1',
    artifacts: { lora: { url: loraUrl, sha256: lora?.sha256 }, config: { sha256: config?.sha256 } },
    ended_at: new Date('2025-05-01T10:20:00Z'),
  });
  t.ok(training?.adopted_at);
  const bytes = await app.storage.bytes(training?.artifacts?.lora.storage_key ?? '');
  t.equal(createHash('sha256').update(bytes).digest('hex'), lora?.sha256);
  t.strictSame(await avatarRow(app, id), before);
  const { rows } = await database.pool.query('select result->>$2 as seed from trainings where id = $1', [
    result.trainingId,
    'seed',
  ]);
  t.equal(rows[0]?.seed, '18446744073709551615', 'every digit');

  const view = (await call('GET', `/v1/avatars/${id}`)).body;
  t.match(view, { status: 'completed', artifact_verified: true, latest_training_id: result.trainingId });
  t.equal((await call('GET', `/v1/trainings/${result.trainingId}/artifacts/lora`)).status, 200);
  if (training) t.ok((await loraAddress(app, training, never)).url, 'fal can be given it');
  t.equal(await fetchOf(id), null, 'there is nothing left to fetch');
  const events = (await call('GET', `/v1/events?avatar_id=${id}&limit=100`)).body.data;
  t.match(events.at(-1), { type: 'avatar.updated', data: { changed: ['artifact_verified', 'latest_training_id'] } });
});

t.test('addresses too long for the column, phrases that were never written, and a config that is gone', async (t) => {
  const id = await completed({
    diffusers_lora_file_url: null,
    config_file_url: null,
    trigger_phrase: '',
    trigger_word: 'ohwx',
  });
  await database.pool.query('insert into adopted_artifacts (avatar_id, lora_url, config_url) values ($1, $2, $3)', [
    id,
    `${loraUrl}?${'x'.repeat(300)}`,
    'https://v3.fal.media/files/none/config.json',
  ]);
  const result = await fetchOf(id);
  t.match(result, { fetched: true, hasConfig: false });
  const [{ id: trainingId }] = await trainingsOf(id);
  t.match(await findTraining(app.db, trainingId), {
    settings: { trigger_phrase: 'ohwx' },
    artifacts: { config: null },
  });
  const path = `/v1/trainings/${trainingId}/artifacts`;
  t.equal((await call('GET', `/v1/trainings/${trainingId}`)).body.artifacts.config, null);
  t.match(await call('GET', `${path}/config`), { status: 409, body: { code: 'artifact-unavailable' } });
  t.equal((await call('DELETE', `/v1/avatars/${id}`)).status, 204);
  t.match(await findTraining(app.db, trainingId), { artifacts: { lora: { url: '', storage_key: '' }, config: null } });
});

t.test('what can not be had is told with its reason, and changes nothing', async (t) => {
  const cases: [columns: Record<string, unknown>, reason: string][] = [
    [{ diffusers_lora_file_url: 'https://v3.fal.media/files/none/lora.safetensors' }, 'gone'],
    [{ diffusers_lora_file_url: null }, 'no-address'],
    [{ diffusers_lora_file_url: '' }, 'no-address'],
    [{ diffusers_lora_file_url: 'http://127.0.0.1:9/lora.safetensors' }, 'forbidden-address'],
    [{ diffusers_lora_file_url: 'no address' }, 'unusable-answer'],
    [{ diffusers_lora_file_url: configUrl }, 'not-safetensors'],
  ];
  for (const [columns, reason] of cases) {
    const id = await completed(columns);
    t.strictSame(await fetchOf(id), { fetched: false, reason }, reason);
    t.strictSame(await trainingsOf(id), []);
    await database.pool.query(`update avatars set status = 'error' where id = $1`, [id]);
  }
  const small = { ...app, config: { ...app.config, fal: { ...app.config.fal, maxLoraBytes: 10 } } };
  const id = await completed();
  const own = {
    db: app.db,
    fal: app.fal,
    storage: app.storage,
    jobs: app.jobs,
    wakeups: app.wakeups,
    installation: app.installation,
  };
  t.strictSame(await fetchOf(id, { ...own, config: small.config }), { fetched: false, reason: 'too-large' });
  sandbox.faults.set([{ on: 'file', fault: 'unavailable', times: 'always' }]);
  t.strictSame(await fetchOf(id), { fetched: false, reason: 'unavailable' });
  sandbox.faults.clear();
  const full = { ...app.storage, putFile: () => Promise.reject(new StorageError('full', 'it is full')) };
  await t.rejects(fetchOf(id, { ...own, config: app.config, storage: full }), { name: 'StorageError' });
  t.strictSame(await trainingsOf(id), []);
  t.match(await fetchOf(id), { fetched: true }, 'it can be run again');
});

t.test(
  'two that fetch at once write one training; what is fetched for an avatar that has gone is deleted',
  async (t) => {
    const id = await completed();
    const results = await Promise.all([fetchOf(id), fetchOf(id)]);
    t.equal(results.filter((result) => result?.fetched).length, 1);
    const [{ id: kept }, ...more] = await trainingsOf(id);
    t.strictSame(more, []);

    const going = await completed();
    const stored: string[] = [];
    const slow = {
      ...app.storage,
      async putFile(key: string, path: string, type: string) {
        await app.storage.putFile(key, path, type);
        stored.push(key);
        if (stored.length === 1) await call('DELETE', `/v1/avatars/${going}`);
      },
    };
    const context = { ...app, storage: slow } as typeof app;
    Object.setPrototypeOf(context, app);
    t.strictSame(await fetchOf(going, context), { fetched: false, reason: 'changed' });
    t.equal(stored.length, 2);
    for (const key of stored) t.notOk(await app.storage.exists(key), 'nothing of a gone person is left');

    const orphan = crypto.randomUUID();
    await app.storage.putBytes(`artifacts/${orphan}/lora.safetensors`, Buffer.from('x'), 'text/plain');
    for (const trainingId of [orphan, kept]) await sweepLoraJob.run(app, { training_id: trainingId }, never);
    t.notOk(await app.storage.exists(`artifacts/${orphan}/lora.safetensors`), 'what a crash left');
    t.ok(await app.storage.exists(`artifacts/${kept}/lora.safetensors`));
  },
);

t.test('the command lists, fetches, says what it could not fetch, and can be run again', async (t) => {
  await database.pool.query(`update avatars set status = 'error' where status = 'completed'`);
  const [good, dead] = [
    await completed(),
    await completed({ diffusers_lora_file_url: 'https://v3.fal.media/files/none/x' }),
  ];
  const run = (...args: string[]) =>
    runCommand(t, ['loras', 'fetch', ...args], {
      FAL_MODE: 'sandbox',
      DATABASE_URL: database.url,
      STORAGE_URL: service.config.storage.url,
      PUBLIC_URL: service.url,
      FAL_BASE_URL: service.config.fal.baseUrl ?? '',
    });
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const listed = await run('--dry-run', '--json');
  t.match(
    lines(listed.stdout).map(({ avatar_id, outcome }) => [avatar_id, outcome]),
    [
      [good, 'fetchable'],
      [dead, 'fetchable'],
    ],
  );
  t.strictSame(await trainingsOf(good), []);
  const first = await run();
  t.equal(first.code, 1);
  t.match(first.stdout, new RegExp(`${good} +fetched +\\d+\\n${dead} +failed +gone`));
  const again = await run('--json');
  t.match([again.code, lines(again.stdout)], [1, [{ avatar_id: dead, outcome: 'failed', reason: 'gone' }]]);
  t.match(await run('--avatar', good), { code: 0, stdout: 'There are none.\n' });
  t.match(await run('--avatar', 'x'), { code: 64 });
});
