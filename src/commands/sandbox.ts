import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sandboxEntry } from './development/sandbox-process.ts';
import type { Command } from './command.ts';

/** Passes its arguments to the sandbox, which runs as its own process and parses its own flags. */
export const command: Command = {
  name: 'sandbox',
  summary: 'run the sandbox that emulates fal; `likeness sandbox -- --help` lists its flags',
  flags: {},
  run: async (args) => {
    const own = args[0] === '--' ? args.slice(1) : args;
    const child = spawn(process.execPath, [sandboxEntry, ...own], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    const [code] = await once(child, 'exit');
    return typeof code === 'number' ? code : 1;
  },
};
