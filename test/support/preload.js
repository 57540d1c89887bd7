import { enableCompileCache } from 'node:module';

// What is loaded from it is counted less exactly; `npm run coverage` does without.
enableCompileCache();

await import('../../bin/quick-imports.js');

// Types are stripped where they stand, so that lines need no map; those of the packages would be parsed for each stack.
process.setSourceMapsEnabled(false);
