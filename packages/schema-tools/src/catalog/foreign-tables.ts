import type { Catalog } from './objects.ts';

/** History tables of other tools; they are listed, and are no difference. */
const toolOf: { readonly [table: string]: string } = {
  alembic_version: 'Alembic',
  _prisma_migrations: 'Prisma Migrate',
  atlas_schema_revisions: 'Atlas',
  databasechangelog: 'Liquibase',
  databasechangeloglock: 'Liquibase',
  django_migrations: 'Django',
  flyway_schema_history: 'Flyway',
  goose_db_version: 'goose',
  knex_migrations: 'Knex',
  knex_migrations_lock: 'Knex',
  pgmigrations: 'node-pg-migrate',
  schema_migrations: 'Rails, dbmate or golang-migrate',
  ar_internal_metadata: 'Rails',
  SequelizeMeta: 'Sequelize',
  __EFMigrationsHistory: 'Entity Framework',
  spatial_ref_sys: 'PostGIS',
};

export type ForeignTable = { table: string; tool: string };

/** Removes other tools' tables with their parts from a catalogue, unless the model has them. */
export function withoutForeignTables(live: Catalog, expected: Catalog): { catalog: Catalog; foreign: ForeignTable[] } {
  const ours = new Set(expected.filter(({ kind }) => kind === 'table').map(({ name }) => name));
  const foreign = live.flatMap(({ kind, name }) => {
    const tool = Object.hasOwn(toolOf, name) ? toolOf[name] : undefined;
    return kind === 'table' && tool !== undefined && !ours.has(name) ? [{ table: name, tool }] : [];
  });
  const names = new Set(foreign.map(({ table }) => table));
  const catalog = live.filter(({ kind, table, name, facts }) => {
    if (kind === 'table') return !names.has(name);
    if (kind === 'sequence') return !names.has(String(facts['ownedBy'] ?? '').split('.')[0] ?? '');
    return table === null || !names.has(table);
  });
  return { catalog, foreign };
}
