import asyncHooks from 'node:async_hooks';
import { enableCompileCache, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Coverage is less exact with cached code, so `npm run coverage` runs without. Commands that tests start share the
// cache, which persists between runs.
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache');
enableCompileCache(compileCache);
process.env.NODE_COMPILE_CACHE = compileCache;

// tap follows every promise and socket to attribute uncaught errors to tests, which takes a tenth of a run. Without it
// run-files.ts finds the file, and a single file ends with the error's stack.
asyncHooks.createHook = () => ({ enable() {}, disable() {} });
syncBuiltinESMExports();

await import('../../bin/quick-imports.js');

const { temporaryFolder } = await import('./temporary-folder.ts');
process.env.TMPDIR = temporaryFolder();

// Type stripping keeps line numbers, so maps are not needed; those of packages would be parsed for each stack.
process.setSourceMapsEnabled(false);
