import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

// `import … from`, `export … from`, `import(…)` and `import '…'`, including types.
const imported = /(?:\bfrom |\bimport\(|\bimport )\s*'([^']+)'/g;

/**
 * The import graph, including types: for each file of the folders, the files that it imports, as paths from the
 * repository's root.
 */
export async function importGraph(...folders: string[]): Promise<Map<string, string[]>> {
  const paths = (await Promise.all(folders.map(filesOf))).flat();
  const entries = paths.map(async (path): Promise<[string, string[]]> => {
    const text = await readFile(join(root, path), 'utf8');
    return [path, [...text.matchAll(imported)].flatMap(([, target = '']) => resolved(path, target) ?? [])];
  });
  return new Map(await Promise.all(entries));
}

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return (
    names
      // Declarations are what a build made.
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name))
  );
}

// Workspaces are imported by package name; other names are outside the repository.
function resolved(from: string, target: string): string | undefined {
  if (target.startsWith('.')) return join(dirname(from), target);
  const [, name, path] = /^@likeness\/([^/]+)\/(.+)$/.exec(target) ?? [];
  return name === undefined || path === undefined ? undefined : join('packages', name, 'src', path);
}
