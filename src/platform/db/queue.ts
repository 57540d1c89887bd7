import type { QueueSchema } from '@likeness/schema-tools/project.ts';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };

/** pg-boss's schema, and the version of it that the installed pg-boss works with. */
export const queue: QueueSchema = { library: 'pg-boss', schema: 'pgboss', wanted: bossPackage.pgboss.schema };
