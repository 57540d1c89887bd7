import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

const table = await readFile('test/FAULTS.md', 'utf8');
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

t.test('each kind of fault says where it could occur and names a test that exists', async (t) => {
  for (const [, kind = '', where = '', tests = ''] of rows) {
    t.not(kind, '', 'a row names its kind');
    t.not(where, '', `${kind}: where it could occur`);
    const named = [...tests.matchAll(/`([^`]+)` › ([^;]+)/g)];
    t.ok(named.length > 0, `${kind}: names a test as \`file\` › words of its title`);
    for (const [, file = '', title = ''] of named) {
      const text = await readFile(join('test', file), 'utf8').catch(() => '');
      t.ok(text.includes(title.trim()), `${kind}: ${file} › ${title.trim()}`);
    }
  }
});

t.test('no kind stands twice', async (t) => {
  const kinds = rows.map(([, kind = '']) => kind);
  t.strictSame(
    kinds.filter((kind, index) => kinds.indexOf(kind) !== index),
    [],
  );
});
