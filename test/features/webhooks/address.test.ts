import { lookup as systemLookup } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, type LookupFunction } from 'node:net';
import { t } from '../../support/tap.ts';
import { checkEndpointUrl } from '../../../src/features/webhooks/address.ts';
import { createSender } from '../../../src/features/webhooks/sender.ts';
import { startReceiver } from '../../../lab/ground/receiver.ts';

/* What an attacker would have the service call: this machine, its network, the cloud's metadata, in every notation. */
const literals = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0x0.0x0.0x1',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '127.0x0.1',
  '①②⑦.⓪.⓪.①',
  '１２７.0.0.1',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '167772161',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '0xc0a80101',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.170.2',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '198.18.0.1',
  '203.0.113.7',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:169.254.169.254]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::169.254.169.254]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[2001:db8::1]',
];
const names = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'anything.localhost',
  'printer.local',
  'metadata.google.internal',
  'instance-data',
  'redis',
  'router.home.arpa',
];

const publicOnly = { allowPrivate: false };

t.test(`${literals.length + names.length} hosts are refused before anything is sent`, async (t) => {
  for (const host of [...literals, ...names]) {
    t.throws(() => checkEndpointUrl(`https://${host}/x`, publicOnly), { code: 'invalid-endpoint-url' }, host);
    t.throws(() => checkEndpointUrl(`https://${host}:8443/`, publicOnly), { code: 'invalid-endpoint-url' });
  }
});

t.test('other URLs that are no endpoint are refused, with the reason', async (t) => {
  const cases: [url: string, words: RegExp][] = [
    ['', /is no URL/],
    ['example.com/x', /is no URL/],
    ['https://', /is no URL/],
    ['http://example.com/', /must begin with https/],
    ['ftp://example.com/', /must begin with https/],
    ['file:///etc/passwd', /must begin with https/],
    ['javascript:alert(1)', /must begin with https/],
    ['gopher://127.0.0.1:6379/_', /must begin with https/],
    ['https://user@example.com/', /no user name/],
    ['https://user:secret@example.com/', /no user name/],
    ['https://example.com@127.0.0.1/', /no user name/],
    ['https://example.com/#x', /no #fragment/],
  ];
  for (const [url, message] of cases) t.throws(() => checkEndpointUrl(url, publicOnly), { message }, url);
});

t.test('what is public, or allowed, is taken as it will be called', async (t) => {
  t.equal(checkEndpointUrl('https://Example.COM:443/a?b=c', publicOnly), 'https://example.com/a?b=c');
  t.equal(checkEndpointUrl('https://münchen.example/x', publicOnly), 'https://xn--mnchen-3ya.example/x');
  t.equal(checkEndpointUrl('https://8.8.8.8/', publicOnly), 'https://8.8.8.8/');
  t.equal(checkEndpointUrl('https://[2606:4700::1111]/', publicOnly), 'https://[2606:4700::1111]/');
  t.equal(checkEndpointUrl('http://127.1:3000/x', { allowPrivate: true }), 'http://127.0.0.1:3000/x');
  t.equal(checkEndpointUrl('http://bot:3000/x', { allowPrivate: true }), 'http://bot:3000/x');
});

const forbidden = { status: null, error: 'The host does not lead to a public address.' };

t.test('the same hosts are refused when they are connected to', async (t) => {
  const receiver = await startReceiver(t);
  const { port } = new URL(receiver.url);
  const sender = createSender({ allowPrivate: false, timeoutMs: 2000 });
  t.teardown(() => sender.close());
  const { signal } = new AbortController();
  for (const host of literals) {
    t.match(await sender.post(`http://${host}:${port}/`, {}, '{}', signal), forbidden, host);
  }
  t.match(await sender.post(`http://localhost:${port}/`, {}, '{}', signal), forbidden, 'by the name that leads there');
  t.equal(receiver.arrivals.length, 0);
});

t.test('a name is looked up when it is connected to, and what it leads to then is what counts', async (t) => {
  const receiver = await startReceiver(t);
  const { port } = new URL(receiver.url);
  const { signal } = new AbortController();
  const answers = ['10.0.0.1', '127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', 'fd00:ec2::254'];
  let lookups = 0;
  // A name server that turns about: each look-up leads elsewhere.
  const lookup: LookupFunction = (hostname, _options, callback) => {
    if (hostname !== 'rebinding.example') return systemLookup(hostname, {}, callback as never);
    const address = answers[lookups % answers.length]!;
    lookups += 1;
    return callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  const sender = createSender({ allowPrivate: false, timeoutMs: 2000, lookup });
  t.teardown(() => sender.close());
  t.equal(
    checkEndpointUrl('https://rebinding.example/', publicOnly),
    'https://rebinding.example/',
    'the name tells nothing',
  );
  for (const address of answers) {
    t.match(await sender.post(`http://rebinding.example:${port}/`, {}, '{}', signal), forbidden, address);
  }
  t.equal(lookups, answers.length, 'each attempt looks anew');
  t.equal(receiver.arrivals.length, 0);

  const allowed = createSender({ allowPrivate: true, timeoutMs: 2000 });
  t.teardown(() => allowed.close());
  t.match(
    await allowed.post(receiver.url, {}, '{}', signal),
    { status: 204, error: null },
    'unless the operator allows it',
  );
});

t.test('a redirect to this machine is not followed', async (t) => {
  const inner = await startReceiver(t);
  const outer = await startReceiver(t, (response) => response.writeHead(307, { location: inner.url }).end());
  const sender = createSender({ allowPrivate: true, timeoutMs: 2000 });
  t.teardown(() => sender.close());
  t.match(await sender.post(outer.url, {}, '{}', new AbortController().signal), { status: 307 });
  t.equal(inner.arrivals.length, 0);
});

t.test('what goes wrong is said in a sentence', async (t) => {
  const sender = createSender({ allowPrivate: true, timeoutMs: 300 });
  t.teardown(() => sender.close());
  const { signal } = new AbortController();
  t.match(await sender.post('http://127.0.0.1:1/', {}, '{}', signal), { error: 'The host refused the connection.' });
  t.match(await sender.post('http://nowhere.invalid/', {}, '{}', signal), {
    error: 'The name of the host leads nowhere.',
  });
  const silent = await startReceiver(t, () => undefined);
  t.match(await sender.post(silent.url, {}, '{}', signal), { error: 'No answer came within 0.3 seconds.' });
  const gibberish = createServer((socket) => void socket.on('error', () => undefined).end('banana\r\n\r\n'));
  await once(gibberish.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => gibberish.close());
  const { port } = gibberish.address() as AddressInfo;
  t.match(await sender.post(`http://127.0.0.1:${port}`, {}, '{}', signal), {
    error: 'What the host answered is not HTTP.',
  });
  const endless = await startReceiver(t, (response) => {
    response.writeHead(500);
    const more = () => response.write('x'.repeat(10_000), more);
    more();
  });
  const answer = await sender.post(endless.url, {}, '{}', signal);
  t.match(answer, { status: 500, body: 'x'.repeat(1024) }, 'who never ends is not listened to for ever');
  await t.rejects(sender.post(silent.url, {}, '{}', AbortSignal.abort(new Error('stop'))), { message: 'stop' });
});
