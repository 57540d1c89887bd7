import type { QueueSchema } from '@likeness/schema-tools/project.ts';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };

export const queue: QueueSchema = { library: 'pg-boss', schema: 'pgboss', wanted: bossPackage.pgboss.schema };
