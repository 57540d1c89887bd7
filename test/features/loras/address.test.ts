import pino from 'pino';
import { buildApp } from '../../../src/app.ts';
import { dropLora, loraAddress } from '../../../src/features/loras/address.ts';
import { claimUpload } from '../../../src/features/loras/store.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { StorageError } from '../../../src/platform/storage/storage.ts';
import { avatars } from '../../../src/platform/db/schema.ts';
import { eraseTrainings } from '../../../src/features/trainings/erase.ts';
import { eraseLoras } from '../../../src/features/loras/erase.ts';
import { eq } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerPolls } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { addressOf, filesOf, loraUploads, never, trained } from './story.ts';

const service = await startApp(t, { environment: { ...eagerPolls, DATABASE_POOL_MAX: '12' } });
const { app, sandbox, database, config } = service;
const other = await buildApp({ ...config, port: 0 }, { role: 'api', log: pino({ level: 'silent' }) });
await other.ready();
t.teardown(() => other.close());

const hour = 3600;
const needed = 900 + hour;

t.test(
  'the output of fal is used as long as it lives an hour beyond the start timeout, and our copy after it',
  async (t) => {
    const training = await trained(service, needed + 100);
    const { lora } = training.artifacts ?? {};
    t.equal(await addressOf(app, training), lora?.url);
    t.equal(await addressOf(other, training), lora?.url);
    t.same(loraUploads(service), []);
    const soon = new Date(Date.now() + (needed - 5) * 1000);
    await database.pool.query('update fal_files set expires_at = $2 where training_id = $1', [training.id, soon]);
    const url = await addressOf(app, { ...training, output_expires_at: soon });
    t.not(url, lora?.url);
    const [upload, ...more] = loraUploads(service);
    t.match(upload?.file, { name: `${lora?.sha256}.safetensors`, size: lora?.size });
    t.same(more, []);
    t.match(await filesOf(service, training), [
      { url: lora?.url, is_dropped: true },
      { url, is_dropped: false, is_claimed: false, training_id: training.id },
    ]);
  },
);

t.test(
  'a copy is uploaded once, is asked to be kept for LORA_EXPIRY_SECONDS, and uploaded again before it ends',
  async (t) => {
    const before = loraUploads(service).length;
    const training = await trained(service);
    const url = await addressOf(app, training);
    t.equal(await addressOf(app, training), url, 'the address stays, so that the weights stay in the caches of fal');
    t.equal(loraUploads(service).length, before + 1);
    const { expiresAt = null } = loraUploads(service).at(-1)?.file ?? {};
    const keptMs = expiresAt === null ? Infinity : expiresAt - sandbox.clock.now();
    t.ok(keptMs > 2_591_000_000 && keptMs <= 2_592_000_000, `kept for ${keptMs} ms`);
    await database.pool.query(
      `update fal_files set expires_at = now() + interval '75 minutes' where training_id = $1`,
      [training.id],
    );
    t.not(await addressOf(app, training), url);
    t.equal(loraUploads(service).length, before + 2);
    t.match(
      await filesOf(service, training),
      [{ is_dropped: true }, { is_dropped: false }],
      'the earlier one is at fal yet',
    );
  },
);

t.test('many that ask at once, in several processes, wait for one upload', async (t) => {
  const before = loraUploads(service).length;
  const training = await trained(service);
  const urls = await Promise.all(
    Array.from({ length: 10 }, (_, index) => addressOf(index % 2 === 0 ? app : other, training)),
  );
  t.equal(new Set(urls).size, 1);
  t.equal(loraUploads(service).length, before + 1);
});

t.test(
  'who waits too long for the upload of another process is tried again later; a dead one is taken over',
  async (t) => {
    const training = await trained(service);
    const { sha256 = '' } = training.artifacts?.lora ?? {};
    const before = loraUploads(service).length;
    const claim = await claimUpload(app.db, { sha256, trainingId: training.id }, { claimMs: 60_000, expiresMs: 1e9 });
    t.ok(claim);
    await t.rejects(loraAddress(app, training, never), { name: 'TimeoutError' });
    t.equal(loraUploads(service).length, before);
    await database.pool.query('update fal_files set claimed_until = now() where id = $1', [claim]);
    const url = await addressOf(app, training);
    t.equal(loraUploads(service).length, before + 1);
    t.match(await filesOf(service, training), [
      { url: null, is_dropped: true },
      { url, is_dropped: false },
    ]);
  },
);

t.test('what fal could not fetch is got another way the next time', async (t) => {
  const training = await trained(service, 100 * hour);
  const { url: output } = training.artifacts?.lora ?? {};
  const drop = (url: string) => transact(app, (tx) => dropLora(tx, { trainingId: training.id, url }));
  const seen = [await addressOf(app, training)];
  t.equal(seen[0], output);
  for (let count = 0; count < 2; count += 1) {
    await drop(seen.at(-1) ?? '');
    seen.push(await addressOf(app, training));
  }
  t.equal(new Set(seen).size, 3, 'the output, then a copy, then another copy');
  await drop(seen[1] ?? '');
  t.equal(await addressOf(app, training), seen[2], 'a late failure is about the address of its own generation');
});

const needs = () => ({
  db: app.db,
  config: app.config,
  fal: app.fal,
  installation: app.installation,
  storage: app.storage,
});

t.test('an upload that fal refuses leaves nothing in the way; one that is aborted is on record', async (t) => {
  const training = await trained(service);
  sandbox.faults.set([{ on: 'upload', fault: 'locked', times: 'always' }]);
  await t.rejects(loraAddress(app, training, never), { name: 'FalError', code: 'refused' });
  t.same(await filesOf(service, training), []);
  sandbox.faults.clear();
  const { fal } = app;
  const stopped = new AbortController();
  const stopping = {
    ...needs(),
    fal: {
      ...fal,
      upload: (...[file, signal]: Parameters<typeof fal.upload>) => {
        stopped.abort();
        return fal.upload(file, signal);
      },
    },
  };
  await t.rejects(loraAddress(stopping, training, stopped.signal), { name: 'FalError', code: 'aborted' });
  t.match(await filesOf(service, training), [{ url: null, is_dropped: true }], 'fal may have it');
  t.ok(await addressOf(app, training));
});

t.test('bytes that are gone or damaged are told apart from a store that is down', async (t) => {
  const missing = await trained(service);
  const damaged = await trained(service);
  await app.storage.delete([missing.artifacts?.lora.storage_key ?? '']);
  await app.storage.putBytes(damaged.artifacts?.lora.storage_key ?? '', Buffer.from('other'), 'text/plain');
  const before = loraUploads(service).length;
  const unavailable = (reason: string) => ({ code: 'lora-unavailable', detail: { reason } });
  await t.rejects(loraAddress(app, missing, never), unavailable('missing'));
  await t.rejects(loraAddress(app, damaged, never), unavailable('damaged'));
  const down = { ...app.storage, stream: () => Promise.reject(new StorageError('unavailable', 'it is down')) };
  await t.rejects(loraAddress(app, { ...missing, artifacts: null }, never), unavailable('deleted'));
  const training = await trained(service);
  await t.rejects(loraAddress({ ...needs(), storage: down }, training, never), { name: 'StorageError' });
  t.equal(loraUploads(service).length, before);
  t.ok(await addressOf(app, training), 'nothing of a failure is in the way of the next try');
});

t.test('when its avatar is deleted, no address of a LoRA is given to anybody any more', async (t) => {
  const [mine, theirs] = [await trained(service), await trained(service)];
  const [url, another] = [await addressOf(app, mine), await addressOf(app, theirs)];
  t.equal((await service.call('DELETE', `/v1/avatars/${mine.avatar_id}`)).status, 204);
  t.same(await filesOf(service, mine), [], 'no row names it');
  const { rows } = await database.pool.query(
    'select url, dropped_at is not null as is_dropped from fal_files where training_id is null',
  );
  t.same(rows, [{ url, is_dropped: true }], 'what is at fal yet is on record');
  // The row of a generation that was read before the deletion.
  await t.rejects(loraAddress(app, mine, never), { code: 'lora-unavailable', detail: { reason: 'deleted' } });
  await until(
    'the stored weights are gone',
    async () => !(await app.storage.exists(mine.artifacts?.lora.storage_key ?? '')),
  );
  t.equal(await addressOf(app, theirs), another);
});

t.test('a deletion during an upload is not undone by it', async (t) => {
  const training = await trained(service);
  const { fal } = app;
  const upload = async (...asked: Parameters<typeof fal.upload>) => {
    const uploaded = await fal.upload(...asked);
    t.equal((await service.call('DELETE', `/v1/avatars/${training.avatar_id}`)).status, 204);
    return uploaded;
  };
  const { file: before } = loraUploads(service).at(-1) ?? {};
  await t.rejects(loraAddress({ ...needs(), fal: { ...fal, upload } }, training, never), {
    code: 'lora-unavailable',
    detail: { reason: 'deleted' },
  });
  const { file } = loraUploads(service).at(-1) ?? {};
  t.not(file?.id, before?.id);
  const { rows } = await database.pool.query('select training_id, dropped_at from fal_files where url like $1', [
    `%${file?.id}%`,
  ]);
  t.match(rows, [{ training_id: null, dropped_at: Date }], 'what fal has is on record');
});

t.test('an upload that begins while the avatar is being deleted waits, and then does not begin', async (t) => {
  const training = await trained(service);
  const { sha256 = '' } = training.artifacts?.lora ?? {};
  let claimed: Promise<string | null> = Promise.resolve('none');
  await transact(app, async (tx) => {
    await eraseTrainings(tx, { avatarIds: [training.avatar_id ?? ''] });
    await eraseLoras(tx, { avatarIds: [training.avatar_id ?? ''] });
    claimed = claimUpload(other.db, { sha256, trainingId: training.id }, { claimMs: 60_000, expiresMs: 1e9 });
    await until('it waits', async () => {
      const { rows } = await database.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into fal_files%'`,
      );
      return rows.length > 0;
    });
    await tx.delete(avatars).where(eq(avatars.id, training.avatar_id ?? ''));
  });
  t.equal(await claimed, null);
  t.same(await filesOf(service, training), []);
});

t.test('a copy that lives no longer than it has to is used by who uploads it', async (t) => {
  const training = await trained(service);
  const short = { ...app.config, loras: { ...app.config.loras, expirySeconds: needed } };
  const before = loraUploads(service).length;
  const { url } = await loraAddress({ ...needs(), config: short }, training, never);
  t.equal(loraUploads(service).length, before + 1);
  t.match(await filesOf(service, training), [{ url, is_dropped: false }]);
});
