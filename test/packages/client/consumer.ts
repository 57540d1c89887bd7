import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

type Scope = { teardown(end: () => Promise<void>): unknown };

export const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/**
 * Makes a project of its own that has installed the client package as it would be published, built and packed; its
 * dependencies are those that package.json declares, and nothing is asked of a network.
 * @param sources TypeScript files by name; the project is checked as strictly as can be
 */
export async function makeConsumer(t: Scope, sources: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'likeness-consumer-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const installed = join(folder, 'node_modules/@likeness/client');
  await mkdir(installed, { recursive: true });
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'packages/client'),
  });
  // What the build prints comes before it.
  const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', installed]);
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), '@types/node']) await link(folder, name);

  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const compilerOptions = {
    ...{ target: 'es2023', lib: ['es2023'], module: 'nodenext', types: ['node'], noEmit: true },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
  return {
    folder,
    files: (files as { path: string }[]).map(({ path }) => path),
    /** @returns what the compiler says; empty when nothing is wrong */
    check: () =>
      run(process.execPath, [compiler, '-p', '.'], { cwd: folder }).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
  };
}

async function link(folder: string, name: string): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  const own = join(root, 'packages/client/node_modules', name);
  await symlink(existsSync(own) ? own : join(root, 'node_modules', name), path);
}
