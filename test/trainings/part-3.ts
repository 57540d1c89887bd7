import { runFolder } from '../support/folder.ts';

await runFolder(import.meta.dirname, { number: 3, of: 4 });
