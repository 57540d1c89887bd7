import { runFolder } from '../support/folder.ts';

await runFolder(import.meta.dirname, { number: 4, of: 4 });
