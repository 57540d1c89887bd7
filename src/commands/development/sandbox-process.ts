import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { BootError } from '../../errors.ts';

/** The sandbox shares no code with the service and is reached by HTTP alone. */
export const sandboxEntry = resolve(import.meta.dirname, '../../../packages/fal-sandbox/src/main.ts');

export type SandboxProcess = { url: string; stop(): Promise<void> };

/**
 * Starts the sandbox as a child process on a free port and waits until it listens. It ends with this process, even
 * after a crash.
 * @param speed sandbox seconds in a real second
 * @param dataDir where jobs and uploads persist; a temporary folder by default
 * @throws BootError with its last output when it ends before it listens
 */
export async function startSandbox({ speed, dataDir }: { speed: number; dataDir?: string }): Promise<SandboxProcess> {
  const flags = ['--port', '0', '--speed', String(speed), '--webhooks-to-loopback', '--exit-with-parent'];
  const child = spawn(process.execPath, [sandboxEntry, ...flags, ...(dataDir ? ['--data', dataDir] : [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Outside the terminal's process group, so that Ctrl-C reaches only the service, which ends the sandbox last.
    detached: true,
  });
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString()}`.slice(-2000);
  });
  // Writing to a child that has ended is expected.
  child.stdin.on('error', () => undefined);
  const url = await Promise.race([listeningUrl(child), endOf(child)]);
  if (url === null) throw new BootError(`The sandbox did not start. ${lastWords.trim()}`, 1);
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function listeningUrl(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<string | null> {
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const ready: unknown = JSON.parse(line);
  const url = typeof ready === 'object' && ready !== null && 'url' in ready ? ready.url : null;
  return typeof url === 'string' ? url : null;
}

async function endOf(child: ChildProcess): Promise<null> {
  await once(child, 'exit');
  return null;
}
