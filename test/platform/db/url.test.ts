import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { databaseUrlWith, DatabaseUrlError, readDatabaseUrl } from '../../../src/platform/db/url.ts';
import { t } from '../../support/tap.ts';

t.test('a URL says where the database is, by name, address or socket', async (t) => {
  const tcp = { host: 'db', port: 5432, user: 'u', password: 'p', database: 'd' };
  const socket = { ...tcp, host: '/run/pg', ssl: false };
  const read: [url: string, address: object][] = [
    ['postgresql://u:p@db/d', tcp],
    ['postgres://u:p@db:6432/d', { ...tcp, port: 6432 }],
    ['postgresql://db/d', { host: 'db', port: 5432, database: 'd' }],
    ['postgresql://u:p@[::1]/d', { ...tcp, host: '::1' }],
    ['postgresql://u:p@/d?host=/run/pg', socket],
    ['postgresql://u:p@:6432/d?host=/run/pg', { ...socket, port: 6432 }],
    ['postgresql:///d?host=/run/pg&user=u&password=p&port=7', { ...socket, port: 7 }],
    ['postgresql://u:p@%2Frun%2Fpg/d', socket],
    ['postgresql://u:p@%2Frun%2Fpg/d?sslmode=require', socket],
    ['postgresql://u%40x:p%2F%3F%23%25@db/d%20e', { ...tcp, user: 'u@x', password: 'p/?#%', database: 'd e' }],
    ['postgresql://u:p@ss:w@db/d', { ...tcp, password: 'p@ss:w' }],
    ['postgresql://u:p@db/d?options=-c%20work_mem%3D8MB', { ...tcp, options: '-c work_mem=8MB' }],
    ['postgresql://u:p@db/d?sslmode=disable', { ...tcp, ssl: false }],
    ['postgresql://u:p@db/d?sslmode=no-verify', { ...tcp, ssl: { rejectUnauthorized: false } }],
    ...['require', 'verify-ca', 'verify-full'].map((mode): [string, object] => [
      `postgresql://u:p@db/d?sslmode=${mode}`,
      { ...tcp, ssl: { rejectUnauthorized: true } },
    ]),
  ];
  for (const [url, address] of read) t.strictSame(readDatabaseUrl(url), address, url);
});

const refused: [url: string, fault: RegExp][] = [
  ['mysql://u:hunter2@h/d', /^is malformed/],
  ['host=h dbname=d', /^is malformed/],
  ['postgresql://u:hunter2@h', /^names no database/],
  ['postgresql://u:hunter2@h/', /^names no database/],
  ['postgresql://u:hunter2@/d', /^names no host/],
  ['postgresql:///d', /^names no host/],
  ['postgresql://:hunter2@h/d', /^has a password and no user/],
  ['postgresql://u:hunter2@h:0/d', /^has a port that is none/],
  ['postgresql://u:hunter2@h:65536/d', /^is not a well-formed URL/],
  ['postgresql://u:hunter2@h:port/d', /^is not a well-formed URL/],
  ['postgresql://u:hunter2@h/d?port=x', /^has a port that is none/],
  ['postgresql://u:hunter2@a,b/d', /^names several hosts/],
  ['postgresql://u:hunter2@h/d?host=a,b', /^names several hosts/],
  ['postgresql://u:hunter2@h/d?ssl_mode=require', /^has the unknown member ssl_mode: taken are host, port, .*sslmode/],
  ...['sslMode=require', 'tls=true', 'schema=x', 'ssl=false', 'ssl=true', 'uselibpqcompat=true', 'pgbouncer=true'].map(
    (member): [string, RegExp] => [
      `postgresql://u:hunter2@h/d?${member}`,
      /^has the unknown member \w+: taken are host/,
    ],
  ),
  ['postgresql://u:hunter2@h/d?sslmode=disable&sslmode=require', /^has the member sslmode more than once/],
  ['postgresql://u:hunter2@h/d?sslmode=', /^has the member sslmode without a value/],
  ['postgresql://u:hunter2@h/d?sslmode=prefer', /^has an unknown sslmode: taken are disable, no-verify, require/],
  ['postgresql://u:hunter2@h/d?sslrootcert=/no/such.pem', /^has an sslrootcert that can't be read \(ENOENT\): \/no\//],
  ['postgresql://u:hunter2@h/d?options=-csearch_path=x', /^sets search_path in its options/],
  ['postgresql://u:hunter2@h/d?options=-c%20datestyle%3DGerman', /^sets datestyle in its options/],
  ['postgresql://u:hunter2@h/d?options=--Statement-Timeout%3D5', /^sets Statement-Timeout in its options/],
];
for (const character of ['/', '?', '#']) {
  for (const password of [`hunter${character}2`, `2${character}hunter`, `2${character}hunter=hunter`]) {
    refused.push([`postgresql://u:${password}@h/d`, /percent|write @ as %40/]);
  }
}
refused.push(['postgresql://u:hunter%@h/d', /^has a % that begins no escape/]);

for (const [url, fault] of refused) {
  t.test(`refused without a part of the password: ${url}`, async (t) => {
    try {
      readDatabaseUrl(url);
      t.fail('it was taken');
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error;
      t.match(error.fault, fault);
      t.notMatch(error.message, /hunter/);
    }
  });
}

t.test('certificates are read, and looked at before anything connects', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'likeness-url-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  const url = `postgresql://u:p@db/d?sslrootcert=${file}`;
  for (const text of ['', 'no certificate']) {
    await writeFile(file, text);
    t.throws(() => readDatabaseUrl(url), /has an sslrootcert that is no PEM file/);
  }
  await writeFile(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  t.throws(() => readDatabaseUrl(url), /can’t be used together/);
  await writeFile(file, rootCertificates[0] ?? '');
  t.strictSame(readDatabaseUrl(url).ssl, { ca: rootCertificates[0], rejectUnauthorized: true }, 'a file asks for TLS');
});

t.test('another database of the same server keeps the way to it', async (t) => {
  t.equal(
    databaseUrlWith('postgresql://u:p@h:1/d?sslmode=disable', 'x y'),
    'postgresql://u:p@h:1/x%20y?sslmode=disable',
  );
  t.equal(databaseUrlWith('postgresql://u:p@/d?host=/tmp', 'x'), 'postgresql://u:p@/x?host=/tmp');
});

t.test('drizzle-kit reads the URL the same way', async (t) => {
  const root = resolve(import.meta.dirname, '../../..');
  const kit = join(root, 'node_modules/drizzle-kit/bin.cjs');
  const env = { PATH: process.env['PATH'], DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:9/d?tls=true' };
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [kit, 'migrate'], { cwd: root, env }).catch(
    (error: { stderr: string; stdout: string }) => error,
  );
  t.match(stderr + stdout, /The URL of the database has the unknown member tls/);
});
