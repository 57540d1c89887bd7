import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded, stopEmbedded } from '@likeness/embedded-postgres/index.ts';
import { createDatabase } from '../../../src/platform/db/client.ts';
import { withConnection } from '../../../src/platform/db/connect.ts';
import { createWakeups } from '../../../src/platform/jobs/wakeups.ts';
import pino from 'pino';
import { t } from '../../support/tap.ts';

t.setTimeout(120_000);

// The embedded server keeps its port, so it has an address of loopback (RFC 1122 §3.2.1.3) to itself.
const host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
const folder = await mkdtemp(join(tmpdir(), 'likeness-tls-'));
await chmod(folder, 0o755);
const dir = join(folder, 'postgres');
t.teardown(async () => {
  await stopEmbedded(dir);
  await rm(folder, { recursive: true, force: true });
});

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr.toString()}`);
}

/** An authority of its own, and a certificate of it for an address. */
async function certify(name: string, address: string): Promise<void> {
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    `/CN=${name} authority`,
    '-keyout',
    `${name}-ca.key`,
    '-out',
    `${name}-ca.pem`,
  );
  openssl('req', ...key, '-subj', '/CN=server', '-keyout', `${name}.key`, '-out', `${name}.csr`);
  await writeFile(join(folder, `${name}.ext`), `subjectAltName=IP:${address}`);
  const signed = ['-CA', `${name}-ca.pem`, '-CAkey', `${name}-ca.key`, '-CAcreateserial', '-extfile', `${name}.ext`];
  openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-days', '2', '-out', `${name}.pem`);
}

/** Starts the server with a certificate, or without any. */
async function serve(name: string | null): Promise<void> {
  await stopEmbedded(dir);
  const settings: Record<string, string> = { listen_addresses: host };
  if (name !== null) {
    const { uid, gid } = await stat(join(dir, 'data'));
    for (const file of [`${name}.pem`, `${name}.key`]) {
      const path = join(dir, 'data', file);
      await writeFile(path, await readFile(join(folder, file)), { mode: 0o600 });
      await chown(path, uid, gid);
    }
    Object.assign(settings, { ssl: 'on', ssl_cert_file: `${name}.pem`, ssl_key_file: `${name}.key` });
  }
  await startEmbedded({ dir, database: 'likeness', settings });
}

const urlWith = (members: string) => `postgresql://postgres@${host}:5432/likeness?${members}`;
const isEncrypted = async (members: string) =>
  withConnection(urlWith(members), 'tls', async (client) => {
    const { rows } = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0]?.ssl;
  });
const faultOf = (members: string) => isEncrypted(members).catch((error: unknown) => error);

await startEmbedded({ dir, database: 'likeness' });
await certify('right', host);
await certify('elsewhere', '192.0.2.1');
const authority = `sslrootcert=${encodeURIComponent(join(folder, 'right-ca.pem'))}`;

t.test('a connection is encrypted, and to whom it leads is looked at, as sslmode says', async (t) => {
  await serve('right');
  t.equal(await isEncrypted('sslmode=disable'), false);
  t.equal(await isEncrypted('sslmode=no-verify'), true);
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    t.equal(await isEncrypted(`sslmode=${mode}&${authority}`), true, mode);
    t.match(await faultOf(`sslmode=${mode}`), {
      code: 'unreachable',
      message: /certificate.*Name the file of the authority.*sslrootcert/,
    });
  }
  const url = urlWith(`sslmode=verify-full&${authority}`);
  const { pool, close } = createDatabase(url);
  t.teardown(close);
  const { rows } = await pool.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  t.same(rows, [{ ssl: true }], 'so is the pool');
  const wakeups = await createWakeups(url, pino({ level: 'silent' }));
  t.teardown(() => wakeups.close());
  const seen = await pool.query(
    `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'likeness wakeups'`,
  );
  t.same(seen.rows, [{ ssl: true }], 'and the connection for wake-ups');
});

t.test('a certificate for another name, and one of another authority, are told as such', async (t) => {
  await serve('elsewhere');
  t.match(await faultOf(`sslmode=verify-full&${authority}`), {
    code: 'unreachable',
    message: /Name the file of the authority that signed its certificate/,
  });
  const other = `sslrootcert=${encodeURIComponent(join(folder, 'elsewhere-ca.pem'))}`;
  t.match(await faultOf(`sslmode=verify-full&${other}`), {
    code: 'unreachable',
    message: /Its certificate is for another name: correct the host in DATABASE_URL/,
  });
});

t.test('a server without TLS is told as such, and never spoken to in the clear', async (t) => {
  await serve(null);
  t.match(await faultOf(`sslmode=require&${authority}`), {
    code: 'unreachable',
    message: /does not support SSL.*Switch TLS on in the server, or say sslmode=disable/,
  });
  t.equal(await isEncrypted('sslmode=disable'), false);
});
