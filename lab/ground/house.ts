import { chmod, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster.ts';
import { type Guard, startGuard } from './guard.ts';

/** A folder and a separate PostgreSQL, removed with the run, however it ends. */
export type House = {
  guard: Guard;
  folder: string;
  cluster: Cluster;
  /** Settings of all services of the run, overridden by experiments. */
  environment: Record<string, string>;
  close(): Promise<void>;
};

/** @param name of the laboratory, for the folder's name @param settings of PostgreSQL that differ from its defaults */
export async function openHouse(
  name: string,
  { environment = {}, settings }: { environment?: Record<string, string>; settings?: Record<string, string> } = {},
): Promise<House> {
  const guard = startGuard();
  endOnSignals(guard);
  try {
    const folder = await realpath(await mkdtemp(join(tmpdir(), `likeness-${name}-`)));
    guard.watch('folder', folder);
    // PostgreSQL refuses to run as root, and its user must be able to enter the folder.
    await chmod(folder, 0o755);
    return { guard, folder, environment, cluster: await startCluster(guard, folder, settings), close: guard.clear };
  } catch (error) {
    await guard.clear();
    throw error;
  }
}

function endOnSignals(guard: Guard): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void guard.clear().finally(() => process.exit(130)));
  }
}
