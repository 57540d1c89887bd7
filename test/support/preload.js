import asyncHooks from 'node:async_hooks';
import { enableCompileCache, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What is loaded from it is counted less exactly; `npm run coverage` does without. The commands that tests start have the
// same one, which stays from run to run.
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache');
enableCompileCache(compileCache);
process.env.NODE_COMPILE_CACHE = compileCache;

// tap follows every promise and every socket, so that it can say to which test an error belongs that nobody caught; that
// takes a tenth of a run. Without it run-files.ts tells the file, and a file that runs alone ends with the error's stack.
asyncHooks.createHook = () => ({ enable() {}, disable() {} });
syncBuiltinESMExports();

await import('../../bin/quick-imports.js');

const { temporaryFolder } = await import('./temporary-folder.ts');
process.env.TMPDIR = temporaryFolder();

// Types are stripped where they stand, so that lines need no map; those of the packages would be parsed for each stack.
process.setSourceMapsEnabled(false);
