import { getConstructionPlans, getMigrationPlans } from 'pg-boss';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };
import { queue } from './queue.ts';

const outer = '$likeness$';
const inner = '$pgboss$';
// The migrator runs the file in a transaction, where no index can be built concurrently.
const transactional = /^\s*(BEGIN|COMMIT|SET LOCAL [^;]*);\s*$/gm;
const concurrently = /\bINDEX CONCURRENTLY\b/g;

/**
 * The migration that brings pg-boss's schema to the version of the installed pg-boss: its own SQL as a single DO block,
 * which any migrator can run and which does nothing where the schema exists.
 * @param from the version after earlier migrations; null when none creates the schema
 */
export function queueMigration(from: number | null): string {
  const plans = from === null ? getConstructionPlans(queue.schema) : getMigrationPlans(queue.schema, from);
  const sql = plans.replaceAll(transactional, '').replaceAll(concurrently, 'INDEX').trim();
  if (sql.includes(outer) || sql.includes(inner)) throw new Error(`pg-boss's SQL holds ${outer} or ${inner}`);
  return `-- db:queue ${queue.wanted}
-- The job queue's tables as pg-boss ${bossPackage.version} makes them, written by \`likeness db generate --queue\`.
DO ${outer}
BEGIN
  ${from === null ? skipInstalled : skipOthers(from)}
  EXECUTE ${inner}
${sql}
  ${inner};
END
${outer};
`;
}

// to_regclass fails without rights on the schema.
const skipInstalled = `IF EXISTS (
    SELECT FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = '${queue.schema}' AND class.relname = 'version'
  ) THEN
    RETURN;
  END IF;`;

const skipOthers = (from: number) => `IF (SELECT version FROM ${queue.schema}.version) <> ${from} THEN
    RETURN;
  END IF;`;
