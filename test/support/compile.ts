import { flushCompileCache } from 'node:module';

/*
 * `npm test` loads the service once for Node to keep what it compiles. The first test files, which start together, would
 * each do it again, and write it down at their ends only.
 */
await Promise.all([import('../../src/cli.ts'), import('./app.ts')]);
flushCompileCache();
// Some of what was loaded would wait for work.
process.exit(0);
