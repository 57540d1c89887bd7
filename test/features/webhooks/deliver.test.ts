import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { publish } from '../../../src/features/events/publish.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { randomUUID } from 'node:crypto';
import { status, verify } from '../../../lab/ground/receiver.ts';
import { until } from '../../support/until.ts';
import { arrangeEndpoint, quickRetries, someone, tell } from './arrange.ts';

const service = await startApp(t, { environment: quickRetries });

t.test('an event is delivered within a second of its commit, signed, once', async (t) => {
  const { receiver, secret, settled } = await arrangeEndpoint(t, service);
  const start = performance.now();
  const ids = await tell(service, someone(), { type: 'user.updated', user_id: randomUUID(), data: { changed: ['x'] } });
  await until('both', () => receiver.arrivals.length === 2);
  t.ok(receiver.arrivals.every(({ at }) => at - start < 1000));
  t.same(receiver.arrivals.map(({ id }) => id).sort(), [...ids].sort(), 'the id is the event’s');
  const { data: events } = (await service.call('GET', '/v1/events?limit=1000')).body;
  for (const arrival of receiver.arrivals) {
    const message = verify(arrival, secret);
    const event = events.find(({ id }: { id: string }) => id === arrival.id);
    t.same(message, { type: event.type, timestamp: event.created_at, data: event });
    t.match(arrival.headers, { 'content-type': 'application/json', 'user-agent': /^likeness\/\d/ });
    t.match(arrival.headers['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}=$/, 'one signature');
    t.throws(() => verify({ ...arrival, text: `${arrival.text} ` }, secret), 'and only over these bytes');
  }
  const listed = await settled('delivered', 2);
  t.match(listed[0], {
    event_id: ids[1],
    event_type: 'user.updated',
    next_attempt_at: null,
    attempts: [{ number: 1, response_status: 204, response_body: '', error: null }],
  });
  t.type(listed[0].attempts[0].latency_ms, 'number');
  t.equal(receiver.arrivals.length, 2);
});

t.test('an endpoint gets the types it asked for, from when it was made', async (t) => {
  await tell(service, someone());
  const all = await arrangeEndpoint(t, service);
  const some = await arrangeEndpoint(t, service, { event_types: ['avatar.deleted'] });
  await tell(service, someone(), { type: 'avatar.deleted' }, someone());
  await until('three and one', () => all.receiver.arrivals.length === 3 && some.receiver.arrivals.length === 1);
  t.same(
    some.receiver.arrivals.map(({ message }) => message.type),
    ['avatar.deleted'],
  );
  await service.call('PATCH', some.path, { json: { event_types: null } });
  await tell(service, someone());
  await until('all types', () => some.receiver.arrivals.length === 2);
  t.equal(all.receiver.arrivals.length, 4);
});

t.test('what rolled back is never delivered, what committed late is', async (t) => {
  const { receiver } = await arrangeEndpoint(t, service);
  await t.rejects(
    transact(service.app, async (tx) => {
      await publish(tx, someone());
      throw new Error('on purpose');
    }),
  );
  const late = await transact(service.app, async (tx) => {
    const ids = await publish(tx, someone());
    await tell(service, someone());
    await until('the fast one', () => receiver.arrivals.length === 1);
    return ids;
  });
  await until('the late one', () => receiver.arrivals.length === 2);
  t.equal(receiver.arrivals[1]?.id, late[0]);
});

t.test('a dead endpoint and a slow one hold up no other', async (t) => {
  const service = await startApp(t, { environment: { ...quickRetries, WEBHOOK_TIMEOUT_SECONDS: '5' } });
  const dead = await arrangeEndpoint(t, service, {}, () => undefined);
  const slow = await arrangeEndpoint(t, service, {}, (response, arrival) => {
    setTimeout(() => status(204)(response, arrival), 1000).unref();
  });
  const quick = await arrangeEndpoint(t, service);
  await tell(service, ...Array.from({ length: 40 }, someone));
  await until('all at the quick one', () => quick.receiver.arrivals.length === 40);
  t.equal(dead.receiver.arrivals.length, 4, 'a few at a time, and none has timed out yet');
  t.ok(slow.receiver.arrivals.length <= 8);
});

t.test('a secret is replaced with an overlap', async (t) => {
  const service = await startApp(t, { environment: { ...quickRetries, WEBHOOK_SECRET_OVERLAP_SECONDS: '1' } });
  const { receiver, secret, path } = await arrangeEndpoint(t, service);
  const { status: code, body } = await service.call('POST', `${path}/rotate-secret`);
  t.equal(code, 200);
  t.match(body.secret, /^whsec_/);
  t.not(body.secret, secret);
  await tell(service, someone());
  const [arrival] = await until('the first', () => receiver.arrivals.length === 1 && receiver.arrivals);
  t.equal(String(arrival!.headers['webhook-signature']).split(' ').length, 2);
  t.doesNotThrow(() => verify(arrival!, secret));
  t.doesNotThrow(() => verify(arrival!, body.secret));
  await until('the end of the old one', () => Date.now() > Date.parse(body.previous_secret_expires_at));
  await tell(service, someone());
  const last = await until('the second', () => receiver.arrivals[1]);
  t.throws(() => verify(last, secret));
  t.doesNotThrow(() => verify(last, body.secret));
});

t.test('a ping goes to its endpoint alone, whatever the filter', async (t) => {
  const other = await arrangeEndpoint(t, service);
  const { receiver, path, id, deliveries } = await arrangeEndpoint(t, service, { event_types: ['avatar.deleted'] });
  const ping = await service.call('POST', `${path}/ping`);
  t.equal(ping.status, 202);
  await until('the ping', () => receiver.arrivals.length === 1);
  t.match(receiver.arrivals[0], {
    id: ping.body.event_id,
    message: { type: 'endpoint.ping', data: { data: { endpoint_id: id } } },
  });
  const listed = await deliveries(`?event_id=${ping.body.event_id}`);
  t.match(listed, [{ event_type: 'endpoint.ping' }]);
  await tell(service, someone());
  await until('another event', () => other.receiver.arrivals.length === 1);
  t.equal(other.receiver.arrivals[0]?.message.type, 'user.created');
});

t.test('one delivery is made again when it is asked for', async (t) => {
  const { receiver, path, settled } = await arrangeEndpoint(t, service);
  await tell(service, someone());
  const [delivery] = await settled('delivered');
  const again = await service.call('POST', `${path}/deliveries/${delivery.id}/redeliver`);
  t.equal(again.status, 202);
  t.match(again.body, { id: delivery.id, status: 'pending' });
  await until('it again', () => receiver.arrivals.length === 2);
  t.equal(receiver.arrivals[1]?.id, receiver.arrivals[0]?.id);
  const [after] = await settled('delivered');
  t.match(after.attempts, [{ number: 1 }, { number: 2 }]);
  t.equal((await service.call('POST', `${path}/deliveries/${randomUUID()}/redeliver`)).status, 404);
  t.equal((await service.call('POST', `${path}/redeliver`, { json: { since: 'once' } })).status, 400);
});
