import { runFolder } from '../support/folder.ts';

await runFolder(import.meta.dirname, { number: 1, of: 4 });
