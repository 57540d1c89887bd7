import { spawnSync } from 'node:child_process';
import { lchown, lstat, readdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EmbeddedError } from './error.ts';

/** The user that runs the server: how to spawn it, and the owner of its files (undefined: the current user). */
export type Account = {
  command(file: string, args: string[]): { file: string; args: string[]; options: { uid?: number; gid?: number } };
  owner: { uid: number; gid: number } | undefined;
};

const asSelf: Account = { command: (file, args) => ({ file, args, options: {} }), owner: undefined };

// In its own user namespace a process sees itself as nobody, and keeps the access of its real user.
const asNobodyInNamespace: Account = {
  command: (file, args) => ({
    file: 'unshare',
    args: ['--user', '--map-user=65534', '--map-group=65534', file, ...args],
    options: {},
  }),
  owner: undefined,
};

/**
 * Chooses the user for the server, which refuses to run as root: the current user unless root; else the owner of
 * existing data, `postgres` or `nobody`, whichever can access binaries and folder; else root in a user namespace. Users
 * without a name, as in containers, need a namespace too, since initdb looks the name up.
 * @throws EmbeddedError `root-unreachable` when nothing works for root
 */
export async function chooseAccount(binary: string, dir: string, data: string): Promise<Account> {
  const namespaceWorks = () => {
    const { file, args } = asNobodyInNamespace.command(binary, ['--version']);
    return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
  };
  if (process.getuid?.() !== 0) return hasName() || !namespaceWorks() ? asSelf : asNobodyInNamespace;
  const owner = (await ownerOf(data)) ?? accountNamed('postgres') ?? accountNamed('nobody');
  if (owner !== undefined && canReach(owner, binary, dir)) {
    return { command: (file, args) => ({ file, args, options: owner }), owner };
  }
  if (namespaceWorks()) return { ...asNobodyInNamespace, owner: { uid: 0, gid: 0 } };
  throw new EmbeddedError(
    'root-unreachable',
    `PostgreSQL refuses to run as root, and no other account can read ${dir} and ${binary}: run as a normal user, or move the folder to where others may enter.`,
  );
}

/** Changes the owner of a folder and its contents where needed. Does nothing unless root. */
export async function giveTo(account: Account, path: string): Promise<void> {
  if (account.owner === undefined) return;
  const { uid, gid } = account.owner;
  const found = await lstat(path);
  if (found.uid === uid) return;
  if (found.isDirectory()) await Promise.all((await readdir(path)).map((name) => giveTo(account, join(path, name))));
  await lchown(path, uid, gid);
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function ownerOf(data: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(data).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

function accountNamed(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const answer = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return answer.status === 0 ? Number(answer.stdout) : undefined;
  });
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function canReach(owner: { uid: number; gid: number }, binary: string, dir: string): boolean {
  const test = 'test -x "$1" && test -x "$2"';
  return spawnSync('/bin/sh', ['-c', test, 'sh', binary, dir], { ...owner, stdio: 'ignore', cwd: '/' }).status === 0;
}
