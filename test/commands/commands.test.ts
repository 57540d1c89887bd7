import t from 'tap';
import { startTraining } from '../../src/features/trainings/start.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { runShowing, setEnvironment } from '../support/in-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { until } from '../support/until.ts';

/* What people see of avatars, trainings and keys at a terminal; `trainings resolve` has a test of its own. */

const service = await startService(t);
const { app, config } = service;
setEnvironment(t, { DATABASE_URL: config.database.url, NODE_ENV: 'test' });
const nobody = '01a203a6-7cb9-7629-9846-cad5151ccc94';

t.test('an empty list says so, in words or by nothing', async (t) => {
  for (const what of ['avatars', 'trainings']) {
    t.same(await runShowing([what, 'list']), { code: 0, stdout: 'There are none.\n', stderr: '' });
    t.same(await runShowing([what, 'list', '--json']), { code: 0, stdout: '', stderr: '' });
  }
});

t.test('avatars: a table, filters, JSON, one avatar', async (t) => {
  const first = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const second = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  await app.db.execute(`update avatars set name = E'A\\x1b[31m' where id = '${second.avatarId}'`);

  const all = await runShowing(['avatars', 'list']);
  const [head = '', ...rows] = all.stdout.trimEnd().split('\n');
  t.match(head, /^ID +NAME +STATUS +TYPE +PHOTOS +MAIN +USER +CREATED$/);
  t.equal(rows.length, 2);
  t.match(rows[0], `${second.avatarId}  A [31m`);
  t.notMatch(all.stdout, '\u001b', 'a name steers no terminal');
  t.match(await runShowing(['avatars', 'list', '--limit', '1']), { stderr: '1 of 2; --limit shows more.\n' });
  const json = await runShowing(['avatars', 'list', '--user', first.userId, '--json']);
  t.match(JSON.parse(json.stdout), { id: first.avatarId, status: 'ready', photos_count: 4, sandbox: true });
  t.match((await runShowing(['avatars', 'list', '--status', 'draft,error'])).stdout, 'There are none.');

  const shown = await runShowing(['avatars', 'show', first.avatarId]);
  t.match(shown, { code: 0, stdout: /^status +ready$/m });
  t.match(JSON.parse((await runShowing(['avatars', 'show', first.avatarId, '--json'])).stdout), { name: 'Ada' });
});

t.test('a training is listed, shown and watched to its end', async (t) => {
  const { avatarId, userId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const { id } = await startTraining(app, avatarId, { steps: 10 });
  const listed = await runShowing(['trainings', 'list', '--user', userId]);
  t.match(listed.stdout, /^ID +STATUS +PROGRESS +TRAINER +CREATED +NOTE\n/);
  t.match(listed.stdout, new RegExp(`^${id} `, 'm'));
  t.match((await runShowing(['trainings', 'list', '--user', nobody])).stdout, 'There are none.');
  t.match((await runShowing(['trainings', 'list', '--avatar', avatarId, '--json'])).stdout, `"id":"${id}"`);

  const watched = runShowing(['trainings', 'watch', id]);
  await until('it is at fal', async () => service.sandbox.submissions.list().length > 0);
  await service.sandbox.clock.advance(600);
  const { code, stdout } = await watched;
  t.equal(code, 0);
  t.match(stdout, /^succeeded 100 %/m);
  t.notMatch(stdout, '\u001b', 'plain lines, where no terminal is');
  const json = await runShowing(['trainings', 'watch', id, '--json']);
  t.match(JSON.parse(json.stdout), { id, status: 'succeeded', progress: 100 });
  t.match((await runShowing(['trainings', 'show', id])).stdout, /^lora +\d+ bytes, sha256 [0-9a-f]{64}$/m);
});

t.test('watching ends with 2 when the training does not succeed, and with 1 when there is none', async (t) => {
  const { avatarId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  service.sandbox.faults.set([{ on: 'submit', fault: 'not_found' }]);
  const { id } = await startTraining(app, avatarId, { steps: 10 });
  const { code, stdout } = await runShowing(['trainings', 'watch', id]);
  t.equal(code, 2, stdout);
  t.match(stdout, /^failed 0 %: /m);
  t.match(await runShowing(['trainings', 'watch', nobody]), { code: 1, stderr: 'There is no such training.\n' });
  t.match(await runShowing(['avatars', 'show', nobody]), { code: 1, stderr: 'There is no such avatar.\n' });
});

t.test('a key is made, listed, rotated and revoked', async (t) => {
  const made = await runShowing(['keys', 'create', '--name', 'bot', '--scope', 'events:read', '--expires-in', '1h']);
  t.match(made, { code: 0, stdout: /^lk_[\w-]{43}\n$/ });
  const listed = await runShowing(['keys', 'list']);
  t.match(
    listed.stdout,
    /^[0-9a-f-]{36} {2}active {3}lk_[\w-]+… {2}bot {2}events:read {2}never used, ends [\dT:-]+Z$/m,
  );
  const id = listed.stdout.slice(0, 36);
  const rotated = await runShowing(['keys', 'rotate', id, '--overlap', '2h']);
  t.match(rotated, { code: 0, stdout: /^lk_[\w-]{43}\n$/, stderr: /The old key works until/ });
  const authorization = `Bearer ${rotated.stdout.trim()}`;
  t.equal((await fetch(`${service.url}/v1/events`, { headers: { authorization } })).status, 200, 'the new one works');
  t.match(await runShowing(['keys', 'rotate', id]), { code: 1, stderr: /was replaced by/ });
  t.match((await runShowing(['keys', 'list'])).stdout, new RegExp(`^${id} .*, replaced by [0-9a-f-]{36}$`, 'm'));
  t.match(await runShowing(['keys', 'revoke', id]), { code: 0, stderr: /^bot .* is revoked/ });
  t.notMatch((await runShowing(['keys', 'list'])).stdout, id, 'what works no more is not listed');
  const { stdout } = await runShowing(['keys', 'list', '--all', '--json']);
  const statuses = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(
    statuses.map(({ name, status }) => `${name} ${status}`),
    ['bot active', 'bot revoked'],
    'newest first',
  );
});

t.test('what cannot be meant is refused', async (t) => {
  const faults: [args: string[], sentence: RegExp][] = [
    [['avatars', 'show', 'x'], /"x" is not the id of an avatar/],
    [['avatars', 'list', '--status', 'lost'], /--status takes one of draft, .*, not "lost"/],
    [['avatars', 'list', '--limit', '101'], /--limit takes 1 to 100/],
    [['trainings', 'list', '--user', 'x'], /"x" is not the id of a user/],
    [['trainings', 'watch'], /ID is missing/],
    [['keys', 'revoke', 'x'], /is not the id of a key/],
    [['keys', 'rotate', 'x'], /is not the id of a key/],
    [['keys', 'rotate', nobody, '--overlap', '31d'], /30d at most/],
  ];
  for (const [args, sentence] of faults) t.match(await runShowing(args), { code: 64, stderr: sentence });
});

t.test('a database that no service has run on is told from an empty one', async (t) => {
  process.env['DATABASE_URL'] = (await createTestDatabase(t)).url;
  t.match(await runShowing(['avatars', 'list']), { code: 78, stderr: /No service has run on this database yet/ });
});
