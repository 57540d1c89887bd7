import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { type Migration, schemaStatements } from '../history/folder.ts';
import { type Catalog, type CatalogObject, keyOf, type ObjectKind, objectKinds, sortObjects } from './objects.ts';
import { hashModel } from './model.ts';
import { buildScratch } from './scratch.ts';
import type { Project } from '../project.ts';

const formatVersion = 1;

/** An object from the migration that creates it until the one that changes or drops it, both counted from 0. */
type DatedObject = CatalogObject & { since: number; until: number | null };

/**
 * The committed `catalog.json`: the schema after each migration, read from a server, so that a check needs neither
 * drizzle-kit nor rights to create anything.
 */
export type CatalogFile = {
  /** sha256 of the model. */
  model: string;
  migrations: { name: string; hash: string }[];
  objects: DatedObject[];
};

/** Makes the file's content with the connection's server, whose database stays unchanged. */
export async function makeCatalogFile(
  client: pg.ClientBase,
  project: Pick<Project, 'model'>,
  migrations: readonly Migration[],
): Promise<CatalogFile> {
  const catalogs = await buildScratch(client, migrations.map(schemaStatements));
  const listed = migrations.map(({ name, hash }) => ({ name, hash }));
  return { model: await hashModel(project), migrations: listed, objects: dateObjects(catalogs) };
}

/** The schema after the first `count` migrations. */
export function catalogAt({ objects }: CatalogFile, count: number): Catalog {
  const present = objects.filter(({ since, until }) => since < count && (until === null || until >= count));
  return sortObjects(present.map(({ kind, table, name, facts }) => ({ kind, table, name, facts })));
}

/** Whether the file was written for exactly these migrations. */
export function isCatalogOf(file: CatalogFile, migrations: readonly Migration[]): boolean {
  const listed = migrations.map(({ name, hash }) => ({ name, hash }));
  return JSON.stringify(file.migrations) === JSON.stringify(listed);
}

function dateObjects(catalogs: Catalog[]): DatedObject[] {
  const dated: DatedObject[] = [];
  let current = new Map<string, DatedObject>();
  for (const [index, catalog] of catalogs.entries()) {
    const next = new Map<string, DatedObject>();
    for (const object of catalog) {
      const before = current.get(keyOf(object));
      const same = before && JSON.stringify(before.facts) === JSON.stringify(object.facts);
      const entry = same ? before : { ...object, since: index, until: null };
      if (!same) dated.push(entry);
      next.set(keyOf(object), entry);
    }
    for (const [key, entry] of current) if (next.get(key) !== entry) entry.until = index;
    current = next;
  }
  return dated;
}

/** The file's text: one object a line, for readable diffs. */
export function renderCatalogFile({ model, migrations, objects }: CatalogFile): string {
  const lines = objects.map(({ kind, table, name, facts, since, until }) =>
    JSON.stringify([kind, table, name, facts, since, ...(until === null ? [] : [until])]),
  );
  const head = { formatVersion, model, migrations };
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "objects": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`;
}

/** Writes `catalog.json` atomically. */
export async function writeCatalogFile(folder: string, file: CatalogFile): Promise<void> {
  const path = join(folder, 'catalog.json');
  await writeFile(`${path}.new`, renderCatalogFile(file));
  await rename(`${path}.new`, path);
}

/** The folder's `catalog.json`; undefined when missing or invalid. */
export async function readCatalogFile(folder: string): Promise<CatalogFile | undefined> {
  try {
    return parseCatalogFile(JSON.parse(await readFile(join(folder, 'catalog.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

function parseCatalogFile(value: unknown): CatalogFile | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('formatVersion' in value) || value.formatVersion !== formatVersion) return undefined;
  if (!('model' in value) || typeof value.model !== 'string') return undefined;
  if (!('migrations' in value) || !Array.isArray(value.migrations)) return undefined;
  if (!('objects' in value) || !Array.isArray(value.objects)) return undefined;
  return { model: value.model, migrations: value.migrations.map(parseListed), objects: value.objects.map(parseObject) };
}

function parseListed(value: unknown): { name: string; hash: string } {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('hash' in value)) throw malformed();
  const { name, hash } = value;
  if (typeof name !== 'string' || typeof hash !== 'string') throw malformed();
  return { name, hash };
}

function parseObject(value: unknown): DatedObject {
  if (!Array.isArray(value)) throw malformed();
  const [kind, table, name, facts, since, until = null]: unknown[] = value;
  if (!isKind(kind) || typeof name !== 'string' || (table !== null && typeof table !== 'string')) throw malformed();
  if (typeof since !== 'number' || (until !== null && typeof until !== 'number')) throw malformed();
  if (typeof facts !== 'object' || facts === null) throw malformed();
  // Facts are compared, and their types checked before any other use.
  return { kind, table, name, facts: facts as CatalogObject['facts'], since, until };
}

function isKind(value: unknown): value is ObjectKind {
  return objectKinds.some((kind) => kind === value);
}

function malformed(): TypeError {
  return new TypeError(
    'catalog.json lists objects as kind, table, name, facts and the migrations they came and went with',
  );
}
