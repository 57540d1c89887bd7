import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { t } from '../support/tap.ts';
import { createTestDatabase } from '../support/postgres.ts';

const entry = resolve(import.meta.dirname, '../../bin/likeness.js');

/** Writes down each module that a process loads. */
const counting = `
import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.MODULES, url + '\\n');
    return next(url, context);
  },
});`;

t.test('`likeness db check` loads what it needs, which is most of the time that it takes', async (t) => {
  const { url } = await createTestDatabase(t);
  const list = resolve(t.testdir(), 'modules');
  const hook = `data:text/javascript,${encodeURIComponent(counting)}`;
  const { PATH } = process.env;
  const { status, stderr } = spawnSync(process.execPath, ['--import', hook, entry, 'db', 'check'], {
    encoding: 'utf8',
    env: { PATH, DATABASE_URL: url, MODULES: list },
  });
  t.equal(status, 0, stderr);
  const modules = (await readFile(list, 'utf8')).trim().split('\n');
  t.ok(modules.some((module) => module.includes('/node_modules/pg/')));
  const packages = ['drizzle-orm/index.js', 'drizzle-orm/pg-core/', 'fastify/', 'pino/', 'undici/'];
  for (const name of packages) {
    t.same(
      modules.filter((module) => module.includes(`/node_modules/${name}`)),
      [],
      name,
    );
  }
});
