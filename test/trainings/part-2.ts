import { runFolder } from '../support/folder.ts';

await runFolder(import.meta.dirname, { number: 2, of: 4 });
