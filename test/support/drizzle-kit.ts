import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** Runs this project's `npx drizzle-kit migrate` on a database. @throws as execFile for an exit code other than 0 */
export async function kitMigrate(url: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['node_modules/drizzle-kit/bin.cjs', 'migrate'], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: url },
  });
}
