import { runFolder } from '../support/folder.ts';

await runFolder(import.meta.dirname);
