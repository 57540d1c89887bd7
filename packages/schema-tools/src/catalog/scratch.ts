import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { moveSchema, nameOf, splitStatements, tokenize } from '../text/sql-text.ts';
import type { Catalog } from './objects.ts';
import { rolledBack } from '../history/transaction.ts';
import { readCatalogWithin } from './read.ts';

/**
 * The schema after statements, run in a new schema in a transaction that is rolled back, so that this server describes
 * the result. Needs the right to create a schema; `public` is not touched.
 * @param groups statements for `public`, qualified or not, as drizzle-kit writes them; each group gives one catalogue
 * @throws the server's error for a statement that fails there, such as one that needs an object outside
 */
export async function buildScratch(client: pg.ClientBase, groups: readonly (readonly string[])[]): Promise<Catalog[]> {
  const schema = `schema_scratch_${randomBytes(6).toString('hex')}`;
  const extensions = new Set<string>();
  const catalogs: Catalog[] = [];
  return rolledBack(client, async () => {
    await client.query(`create schema ${schema}; set local search_path = ${schema}`);
    await client.query(`set local lock_timeout = '3s'; set local check_function_bodies = off`);
    for (const statements of groups) {
      for (const statement of statements.flatMap(splitStatements)) {
        const extension = extensionOf(statement);
        if (extension !== undefined) extensions.add(extension);
        else if (!isOutsideTransactions(statement))
          await client.query(moveSchema(withoutConcurrently(statement), schema));
      }
      catalogs.push(withExtensions(await readCatalogWithin(client, schema), extensions));
    }
    return catalogs;
  });
}

// Extensions belong to the database: those that the statements create are expected, others ignored.
function withExtensions(catalog: Catalog, extensions: Set<string>): Catalog {
  const wanted = [...extensions].sort().map((name) => ({ kind: 'extension' as const, table: null, name, facts: {} }));
  return [...wanted, ...catalog.filter(({ kind }) => kind !== 'extension')];
}

function extensionOf(statement: string): string | undefined {
  const words = tokenize(statement).filter(({ type }) => type === 'word' || type === 'quoted');
  const [create, extension, ...rest] = words.map(nameOf);
  if (create !== 'create' || extension !== 'extension') return undefined;
  return rest[0] === 'if' ? rest[3] : rest[0];
}

function isOutsideTransactions(statement: string): boolean {
  return /^(vacuum|analyze|reindex|cluster|checkpoint)\b/i.test(statement);
}

// CONCURRENTLY cannot run in a transaction.
function withoutConcurrently(statement: string): string {
  return tokenize(statement)
    .map((token) => (token.type === 'word' && nameOf(token) === 'concurrently' ? '' : token.text))
    .join('');
}
