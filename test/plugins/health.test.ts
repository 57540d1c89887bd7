import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { queryOnce } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

t.test('alive, and ready', async (t) => {
  const { url } = await startService(t);
  t.same(await (await fetch(`${url}/livez`)).json(), { status: 'alive' });
  t.same(await (await fetch(`${url}/readyz`)).json(), { status: 'ready' });
});

t.test('not ready without its object store, or behind its migrations', async (t) => {
  const { url, folder, database } = await startService(t);
  const readiness = async () => {
    const response = await fetch(`${url}/readyz`);
    const { code, errors = [] } = (await response.json()) as { code: string; errors?: { code: string }[] };
    return { status: response.status, code, faults: errors.map((each) => each.code) };
  };
  await rm(join(folder, 'storage', 'likeness-installation.json'));
  t.same(await readiness(), { status: 503, code: 'not-ready', faults: ['storage-unavailable'] });

  await queryOnce(database.url, 'update drizzle.__drizzle_migrations set hash = $1', ['x']);
  t.same((await readiness()).faults, ['migrations', 'storage-unavailable']);
  t.equal((await fetch(`${url}/livez`)).status, 200, 'and alive all the same');
});
