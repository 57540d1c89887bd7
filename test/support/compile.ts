import { flushCompileCache } from 'node:module';
import '../../src/cli.ts';
import './app.ts';

/*
 * `npm test` loads the service once for Node to keep what it compiles. The first test files, which start together, would
 * each do it again, and write it down at their ends only.
 */
flushCompileCache();
// Some of what was loaded would wait for work.
process.exit(0);
