import { execFile } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import { promisify } from 'node:util';
import t from 'tap';

/*
 * What `npm test` does once before its files start together. As it is installed, tap has plugins that .taprc does without;
 * it would notice, and build itself anew, when it has begun. And the service is loaded for Node to keep what it compiles:
 * the files would each do it again, and write it down at their ends only.
 */
const rebuilt = t.pluginSignature.includes('@tapjs/mock') ? promisify(execFile)('tap', ['build']) : undefined;
await Promise.all([rebuilt, import('../../src/cli.ts'), import('./app.ts')]);
flushCompileCache();
// Some of what was loaded would wait for work.
process.exit(0);
