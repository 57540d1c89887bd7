import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCatalogOf, readCatalogFile } from '../../catalog/file.ts';
import { hashModel } from '../../catalog/model.ts';
import { MigrationError } from '../../history/errors.ts';
import { type Migration, readMigrations } from '../../history/folder.ts';
import { countOf } from '../../report/document.ts';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';
import type { Project } from '../../project.ts';

/** Checks without a database: Node, packages, migrations folder and catalog.json. */
export async function examineConfiguration(project: Project): Promise<Component> {
  const migrations = await readMigrations(project).catch((error: unknown) => {
    if (error instanceof MigrationError) return error;
    throw error;
  });
  const files =
    migrations instanceof MigrationError
      ? [fail('migrations folder', migrations.message, 'Restore the folder from version control.')]
      : [
          ok('migrations folder', countOf(migrations.length, 'migration')),
          await examineCatalogFile(project, migrations),
        ];
  return component('configuration and versions', [examineNode(), ...(await examinePackages(project)), ...files]);
}

function examineNode(): Examination {
  const { node } = process.versions;
  return Number(node.split('.')[0]) >= 24 ? ok('Node', node) : fail('Node', node, 'Run Node 24 or newer.');
}

async function examinePackages({ root, packages }: Project): Promise<Examination[]> {
  const declared = await readDeclared(root);
  return Promise.all(
    packages.map(async (name) => {
      const wanted = declared[name];
      const installed = await readVersion(root, name);
      if (installed === undefined && name === 'drizzle-kit')
        return ok(name, 'not installed, and not needed in production');
      if (installed === undefined) return fail(name, 'not installed', 'Run `npm ci`.');
      return installed === wanted
        ? ok(name, installed)
        : warn(name, `${installed}, and package.json says ${wanted}`, 'Run `npm ci`.');
    }),
  );
}

async function readDeclared(root: string): Promise<Record<string, string>> {
  const declared: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return { ...versionsIn(declared, 'dependencies'), ...versionsIn(declared, 'devDependencies') };
}

function versionsIn(value: unknown, key: string): Record<string, string> {
  const list =
    typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
  if (typeof list !== 'object' || list === null) return {};
  return Object.fromEntries(
    Object.entries(list).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

async function readVersion(root: string, name: string): Promise<string | undefined> {
  const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && 'version' in value ? String(value.version) : undefined;
}

async function examineCatalogFile(project: Project, migrations: Migration[]): Promise<Examination> {
  const write = `Write it with \`${project.program} generate --catalog-only\` and commit it.`;
  const file = await readCatalogFile(project.folder);
  if (!file) return warn('catalog.json', 'missing: checks have to build a scratch schema', write);
  if (!isCatalogOf(file, migrations))
    return warn('catalog.json', 'of other migrations: checks have to build a scratch schema', write);
  if (file.model !== (await hashModel(project))) {
    return warn(
      'catalog.json',
      'the model was changed after it was written',
      `Run \`${project.program} generate NAME\` for what changed.`,
    );
  }
  return ok('catalog.json', `${file.objects.length} objects, of these migrations and this model`);
}
