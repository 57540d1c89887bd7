import { runGroup } from './support/groups.ts';

await runGroup(9);
