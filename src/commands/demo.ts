import { defineCommand } from './command.ts';

export const command = defineCommand({ name: 'demo', summary: '', flags: {}, run: async () => 1 });
