import { cp, mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Guard } from '../../ground/guard.ts';
import { stablePort } from '../../ground/ports.ts';
import { type Started, startProgram } from '../processes.ts';
import type { Bench, Section, Target } from '../section.ts';
import { startOurs } from '../service.ts';
import { quantile, spreadOf } from '../../ground/quantile.ts';

const root = resolve(import.meta.dirname, '../../..');
// The parts of a clone that a start needs.
const parts = ['bin', 'src', 'packages', 'migrations', 'openapi', 'package.json'];

/** The time until the service is ready: with a running database, and from nothing with the embedded one. */
export async function measureStart({ ground, quick }: Bench): Promise<Section[]> {
  const [warmRuns, coldRuns] = quick ? [1, 0] : [7, 3];
  const databaseUrl = await ground.database('start');
  // The first boot pins the database, and the first start reads the files from disk.
  if (!quick) await (await startOurs(ground, { role: 'all', databaseUrl })).stop();
  const warm = await repeat(warmRuns, () => startOurs(ground, { role: 'all', databaseUrl }));
  const cold: number[] = [];
  for (let run = 0; run < coldRuns; run += 1) {
    const clone = await makeClone(join(ground.folder, `clone${run}`));
    cold.push(...(await repeat(1, () => startFromNothing(ground.guard, clone, ground.folder))));
  }
  const target = (what: string, times: number[], limit: number): Target => ({
    what,
    measured: quantile(times, 0.5) / 1000,
    limit,
    is: 'most',
    unit: 's',
    spread: spreadOf(times.map((time) => time / 1000)),
  });
  return [
    {
      title: 'Start',
      targets: [
        target('Ready with a running database', warm, 1),
        ...(cold.length > 0 ? [target('Ready from nothing, with the embedded database', cold, 3)] : []),
      ],
      text: [
        `From the start of the process to the first 200 of /readyz; medians of ${warmRuns} and ${coldRuns} starts. From nothing ` +
          'is `likeness start` in a fresh clone: it makes and starts a PostgreSQL, migrates it, and starts the sandbox.',
      ],
    },
  ];
}

async function repeat(runs: number, start: () => Promise<Started>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const started = await start();
    times.push(started.readyMs);
    await started.stop();
  }
  return times;
}

// In the temporary folder, since PostgreSQL's user may have no access to the project's.
async function makeClone(folder: string): Promise<string> {
  await mkdir(folder);
  for (const part of parts) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

async function startFromNothing(guard: Guard, clone: string, logs: string): Promise<Started> {
  const port = await stablePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [join(clone, 'bin/likeness.js'), 'start', '--sandbox'];
  return startProgram(
    guard,
    args,
    { PORT: String(port) },
    {
      url,
      path: '/readyz',
      logFile: join(logs, 'start.log'),
      // SIGTERM, so that it ends what it has started.
      signal: 'SIGTERM',
    },
  );
}
