import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** A checkout of an earlier commit, used only through its command. */
export type Earlier = { commit: string; command: string };

/**
 * Checks out the previous commit (HEAD when there are uncommitted changes) with dependencies: those of this clone if
 * both lock files are equal.
 * @returns null without git or a previous commit
 * @throws the error of `tar` or `npm ci`
 */
export async function checkOutEarlier(folder: string): Promise<Earlier | null> {
  const changes = await git('status', '--porcelain', '--untracked-files=no');
  const commit = await git('rev-parse', '--verify', '--quiet', changes === '' ? 'HEAD~1' : 'HEAD');
  if (changes === null || !commit) return null;
  await mkdir(folder);
  const archive = `${folder}.tar`;
  await run('git', ['archive', '--output', archive, commit], { cwd: root });
  await run('tar', ['-xf', archive, '-C', folder]);
  const [ours, theirs] = await Promise.all([root, folder].map((at) => readFile(join(at, 'package-lock.json'), 'utf8')));
  if (ours === theirs) await linkModules(join(root, 'node_modules'), join(folder, 'node_modules'));
  else await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  return { commit: commit.slice(0, 9), command: join(folder, 'bin/likeness.js') };
}

async function git(...args: string[]): Promise<string | null> {
  return run('git', args, { cwd: root }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

/** Links packages one by one: links of workspaces are relative, and must lead to the checkout's own sources. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [old, made] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) await symlink(await readlink(old), made);
    else if (entry.name.startsWith('@')) await linkModules(old, made);
    else if (entry.isDirectory()) await symlink(old, made);
  }
}
