import { execFile } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import { promisify } from 'node:util';
import t from 'tap';

/* Runs once before `npm test` starts its files. tap is rebuilt without the plugins that .taprc leaves out, which it
   would otherwise do at its start. And the service is loaded once for Node's compile cache, which files write only
   at their end. */
const rebuilt = t.pluginSignature.includes('@tapjs/mock') ? promisify(execFile)('tap', ['build']) : undefined;
await Promise.all([rebuilt, import('../../src/cli.ts'), import('./app.ts')]);
flushCompileCache();
// Loaded modules would keep the process running.
process.exit(0);
