import { once } from 'node:events';
import { createServer } from 'node:http';
import type { LookupFunction } from 'node:net';
import { t } from '../../support/tap.ts';
import { request } from 'undici';
import { createPublicAgent, publicLookup } from '../../../src/platform/http/public-address.ts';
import { isPublicAddress } from '../../../src/platform/http/public-ip.ts';

const forbidden = `
  127.0.0.1 127.255.255.254 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.0.1
  100.64.0.1 100.127.255.255 0.0.0.0 0.1.2.3 192.0.0.1 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
  224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
  :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a00:1 ::8.8.8.8 fd00::1 fc00::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
  2001:db8::1 2001::1 2002:7f00:1:: 3fff::1 100::1 5f00::1 fd00:ec2::254
  64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.1.2.3 64:ff9b:1::1
  localhost 1.2.3 1.2.3.4.5 08.8.8.8 0x7f.1 2130706433 [::1] 2606:4700::1%eth0 x
`;
const open = `
  1.1.1.1 8.8.8.8 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.1.1 172.15.255.255 172.32.0.1
  192.167.1.1 192.169.0.1 223.255.255.255 34.123.59.101 2606:4700::1111 2001:4860:4860::8888 2a00:1450::1 64:ff9b::8.8.8.8
`;

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

await t.test('addresses', async (t) => {
  for (const ip of ['', ...words(forbidden)]) t.equal(isPublicAddress(ip), false, ip);
  for (const ip of words(open)) t.equal(isPublicAddress(ip), true, ip);
});

function lookupOf(...addresses: string[]): LookupFunction {
  return (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
}

await t.test('a look-up gives the public addresses only', async (t) => {
  const resolve = (lookup: LookupFunction, all: boolean) =>
    new Promise((done) => {
      publicLookup(lookup)('host.test', { all }, (error, ...found) => done(error ?? found));
    });
  const mixed = lookupOf('10.0.0.1', '8.8.8.8', '::1', '2606:4700::1');
  t.same(await resolve(mixed, true), [
    [
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ],
  ]);
  t.same(await resolve(mixed, false), ['8.8.8.8', 4]);
  t.match(await resolve(lookupOf('127.0.0.1', '::1'), true), { code: 'ERR_FORBIDDEN_ADDRESS', message: /host\.test/ });
  t.match(await resolve(lookupOf(), false), { code: 'ERR_FORBIDDEN_ADDRESS' });
  t.same(await resolve((_hostname, _options, callback) => callback(null, '8.8.4.4', 4), true), [
    [{ address: '8.8.4.4', family: 4 }],
  ]);
  const failing = Object.assign(new Error('no such host'), { code: 'ENOTFOUND' });
  t.equal(await resolve((_hostname, _options, callback) => callback(failing, []), true), failing);
});

await t.test('an agent never connects to an address that is not public', async (t) => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('secret'));
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;

  const dispatcher = createPublicAgent({ lookup: lookupOf('127.0.0.1'), connectMs: 5000 });
  t.teardown(() => dispatcher.close());
  // The URL parser makes 127.0.0.1 of every writing of it.
  const writings = '127.0.0.1 2130706433 0x7f.1 0x7f000001 017700000001 127.1 0 [::1] [::ffff:127.0.0.1] localhost';
  const others = 'rebound.test 169.254.169.254 10.0.0.1 [fd00::1] 100.64.0.1';
  for (const host of words(`${writings} ${others}`)) {
    for (const scheme of ['http', 'https']) {
      await t.rejects(
        request(`${scheme}://${host}:${port}/`, { dispatcher }),
        { code: 'ERR_FORBIDDEN_ADDRESS' },
        `${scheme}://${host}`,
      );
    }
  }
  t.equal(connections, 0);
});
