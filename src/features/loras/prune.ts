import type { Context } from '../../context.ts';
import { falFiles } from '../../platform/db/schema.ts';
import { defineRetention } from '../../platform/jobs/retention.ts';

/** Forgets files that fal no longer has; a day's grace, since clocks differ. */
export const pruneFalFilesJob = defineRetention<Pick<Context, 'config' | 'db' | 'log'>>({
  name: 'fal-files.prune',
  table: falFiles,
  key: [falFiles.id],
  since: falFiles.expires_at,
  days: () => 1,
});
