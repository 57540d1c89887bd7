import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runShowing, setEnvironment } from '../support/in-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { t } from '../support/tap.ts';

setEnvironment(t, { DATABASE_URL: (await createTestDatabase(t)).url, NODE_ENV: 'test' });

async function file(content: unknown): Promise<string> {
  const path = join(t.testdir(), 'packs.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const pack = (name: string, prompt = '{subject} at sea') => ({ name, title: name, items: [{ name: 'sea', prompt }] });

t.test('shipped packs are imported by name, and again without a change', async (t) => {
  for (const name of ['portrait', 'studio']) {
    t.match(await runShowing(['packs', 'import', name]), {
      code: 0,
      stdout: new RegExp(`^${name} +created +[678] `, 'm'),
    });
    t.match((await runShowing(['packs', 'import', name])).stdout, new RegExp(`^${name} +unchanged `, 'm'));
  }
  const listed = await runShowing(['packs', 'list']);
  t.match(
    listed.stdout,
    /^NAME +ITEMS +IMAGES +PUBLIC +TITLE\nportrait +7 +8 +yes +Portraits\nstudio +6 +8 +yes +Studio\n$/,
  );
  t.match(JSON.parse((await runShowing(['packs', 'list', '--json', '--limit', '1'])).stdout), { name: 'portrait' });
  t.match(await runShowing(['packs', 'list', '--limit', '1']), { stderr: '1 of 2; --limit shows more.\n' });
});

t.test('what is exported can be imported', async (t) => {
  const exported = await runShowing(['packs', 'export', 'studio']);
  t.match(await runShowing(['packs', 'import', await file(exported.stdout)]), {
    code: 0,
    stdout: /^studio +unchanged/m,
  });
  const changed = JSON.parse(exported.stdout);
  changed.items.pop();
  t.match((await runShowing(['packs', 'import', await file(changed)])).stdout, /^studio +updated +5 /m);
  t.match(await runShowing(['packs', 'export', 'none']), { code: 1, stderr: 'There is no such pack.\n' });
});

t.test('a file is imported as a whole or not at all', async (t) => {
  const faults: [content: unknown, sentence: RegExp][] = [
    ['{', /not valid JSON/],
    [[pack('one'), { ...pack('two'), hat: 1 }], /\/1\/hat is not a member/],
    [[pack('one'), pack('two', '{hat}')], /sea: The prompt has the unknown placeholder \{hat\}/],
    [[pack('one'), pack('one')], /one stands in the file twice/],
    [[pack('one'), 7], /\/1 must be an object/],
  ];
  for (const [content, sentence] of faults) {
    const { code, stderr } = await runShowing(['packs', 'import', await file(content)]);
    t.equal(code, 64);
    t.match(stderr, sentence);
    t.match(stderr, /^Nothing was imported\. /);
  }
  t.match(await runShowing(['packs', 'import', 'nowhere']), { code: 64, stderr: /can't be read \(ENOENT\).*portrait/ });
  t.notMatch((await runShowing(['packs', 'list'])).stdout, /^one /m);
  const both = await runShowing(['packs', 'import', await file([pack('two'), pack('one')]), '--json']);
  t.same(
    both.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name),
    ['one', 'two'],
  );
});
