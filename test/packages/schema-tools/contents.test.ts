import type pg from 'pg';
import { t } from '../../support/tap.ts';
import { keyColumns, measureContents } from '@likeness/schema-tools/catalog/contents.ts';
import type { Catalog, CatalogObject } from '@likeness/schema-tools/catalog/objects.ts';

/** A catalogue of tables with a key each, which counts how often it is asked whose part an object is. */
function countedCatalog(tables: number): { catalog: Catalog; names: string[]; asked(): number } {
  let asked = 0;
  const counted = (object: Omit<CatalogObject, 'table'>, table: string): CatalogObject => ({
    ...object,
    get table() {
      asked += 1;
      return table;
    },
  });
  const names = Array.from({ length: tables }, (_, index) => `table_${index}`);
  const catalog = names.flatMap((name) => [
    counted({ kind: 'column', name: 'id', facts: {} }, name),
    counted({ kind: 'column', name: 'word', facts: {} }, name),
    counted(
      { kind: 'constraint', name: `${name}_pkey`, facts: { type: 'primary key', definition: 'PRIMARY KEY (id)' } },
      name,
    ),
  ]);
  return { catalog, names, asked: () => asked };
}

t.test('to measure every table costs as much for each in a large catalogue as in a small one', async (t) => {
  const asked = async (tables: number) => {
    const { catalog, names, asked } = countedCatalog(tables);
    // What a table holds is not looked at here.
    const client = { query: async () => ({ rows: [[0, '0:0', '0:0']] }) } as unknown as pg.ClientBase;
    const contents = await measureContents(client, catalog, names);
    t.equal(Object.keys(contents).length, tables);
    t.same(contents['table_0'], { rows: 0, columns: { id: '0:0', word: '0:0' } });
    for (const name of names) t.same(keyColumns(catalog, name), ['id']);
    return asked();
  };
  const [few, many] = [await asked(100), await asked(1000)];
  t.ok(few > 0);
  t.ok(many <= 11 * few, `${few} questions for 100 tables, ${many} for 1,000`);
});
