import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';

const script = resolve('.ci/reverts.ts');
const faulty = 'const folder = await mkdtemp(join(tmpdir(), prefix));\n';
const mended = 'return withScratch(prefix, async (folder) => work(folder));\n';

t.test('a commit that brings back what a fix had removed is named, and the fix beside it', async (t) => {
  const repository = makeRepository(t);
  await repository.commit('feat: the first', faulty);
  await repository.commit('fix(photos): remove what a killed process leaves', mended);
  t.equal(repository.reverts(), '', 'a fix alone is no revert');
  await repository.commit('perf: an older state over the newer one', faulty);
  t.match(repository.reverts(), /"perf: an older state.*" brings back 1 lines that .* "fix\(photos\): remove what/);
  t.match(repository.reverts(), 'work.ts: const folder = await mkdtemp');
});

t.test('what another change than a fix had removed may come back', async (t) => {
  const repository = makeRepository(t);
  await repository.commit('feat: the first', faulty);
  await repository.commit('refactor: another way', mended);
  await repository.commit('refactor: the first way', faulty);
  t.equal(repository.reverts(), '');
});

function makeRepository(t: Test) {
  const folder = t.testdir();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder });
  git('init', '--quiet');
  return {
    async commit(subject: string, text: string) {
      await writeFile(join(folder, 'work.ts'), text);
      git('add', '.');
      git('commit', '--quiet', '-m', subject);
    },
    reverts: () => execFileSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' }),
  };
}
