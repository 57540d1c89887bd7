import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { type Answer, status } from '../../../lab/ground/receiver.ts';
import { until } from '../../support/until.ts';
import { arrangeEndpoint, numbered, quickRetries, someone, tell } from './arrange.ts';

const service = await startApp(t, { environment: quickRetries });

t.test('a failed attempt is repeated with the same id and body until it succeeds', async (t) => {
  const failures: [Answer, Record<string, unknown>][] = [
    [status(500, {}, 'broken'), { response_status: 500, response_body: 'broken', error: null }],
    [status(404), { response_status: 404 }],
    [status(302, { location: '/elsewhere' }), { response_status: 302 }],
    [status(400, {}, 'é'.repeat(2000)), { response_status: 400, response_body: 'é'.repeat(512) }],
    [status(400, {}, 'a\0b'), { response_status: 400, response_body: 'a\uFFFDb' }],
    [(response) => void response.destroy(), { response_status: null, error: /broke the connection off/ }],
    [() => undefined, { response_status: null, error: /No answer came within 0\.5 seconds/ }],
    [(response) => void response.writeHead(500).write('half'), { response_status: 500, response_body: 'half' }],
  ];
  const answers = failures.map(([answer]) => answer);
  const { receiver, secret, settled, endpoint } = await arrangeEndpoint(t, service, {}, (response, arrival) =>
    (answers.shift() ?? status(200, {}, 'ok'))(response, arrival),
  );
  await tell(service, someone());
  await until('the first failure', async () => (await endpoint()).failing_since !== null);
  const [delivery] = await settled('delivered');
  t.match(
    delivery.attempts,
    [...failures.map(([, seen]) => seen), { response_status: 200, response_body: 'ok' }].map((seen, index) => ({
      ...seen,
      number: index + 1,
    })),
  );
  t.equal(receiver.arrivals.length, failures.length + 1, 'no redirect is followed');
  t.equal(new Set(receiver.arrivals.map(({ id }) => id)).size, 1);
  t.equal(new Set(receiver.arrivals.map(({ text }) => text)).size, 1);
  t.doesNotThrow(() => receiver.verified(secret), 'each is signed for its own time');
  t.equal((await endpoint()).failing_since, null, 'a success ends the failing');
});

t.test('a delivery is given up in the end', async (t) => {
  const service = await startApp(t, { environment: { ...quickRetries, WEBHOOK_GIVE_UP_SECONDS: '0.8' } });
  const { settled, endpoint, receiver } = await arrangeEndpoint(t, service, {}, status(500));
  await tell(service, someone());
  const [delivery] = await settled('failed');
  t.ok(delivery.attempts.length >= 3 && delivery.attempts.length < 12, `${delivery.attempts.length} attempts`);
  t.equal(delivery.next_attempt_at, null);
  t.equal(receiver.arrivals.length, delivery.attempts.length);
  t.equal((await endpoint()).status, 'enabled');
});

t.test('Retry-After is heeded, for all deliveries of the endpoint and up to the longest gap', async (t) => {
  const service = await startApp(t, { environment: { ...quickRetries, WEBHOOK_RETRY_LONGEST_SECONDS: '1' } });
  let isBusy = true;
  const { receiver } = await arrangeEndpoint(t, service, {}, (response, arrival) => {
    const answer = isBusy ? status(429, { 'retry-after': '3600' }) : status(204);
    isBusy = false;
    answer(response, arrival);
  });
  await tell(service, someone());
  await until('the refusal', () => receiver.arrivals.length === 1);
  await tell(service, someone());
  await until('both', () => receiver.arrivals.length === 3);
  const [first, ...later] = receiver.arrivals;
  t.ok(
    later.every(({ at }) => at - first!.at >= 950),
    'nothing came before',
  );
});

t.test('410 disables the endpoint at once', async (t) => {
  const since = new Date().toISOString();
  const other = await arrangeEndpoint(t, service, { event_types: ['endpoint.disabled'] });
  const { receiver, endpoint, deliveries, id, path } = await arrangeEndpoint(t, service, {}, status(410));
  await tell(service, someone());
  await until('the end', async () => (await endpoint()).status === 'disabled');
  t.match(await endpoint(), { disabled_reason: 'gone' });
  t.match(await deliveries(), [{ status: 'failed', attempts: [{ response_status: 410 }] }]);
  await until('the event', () => other.receiver.arrivals.length === 1);
  t.match(other.receiver.arrivals[0]?.message, {
    type: 'endpoint.disabled',
    data: { data: { endpoint_id: id, reason: 'gone' } },
  });
  const refused = await service.call('POST', `${path}/ping`);
  t.equal(refused.status, 409);
  t.match(refused.body, { code: 'invalid-state', detail: /disabled/ });

  // Events of that time are delivered only on request.
  const [missed] = await tell(service, someone());
  await numbered(service);
  receiver.answer = status(204);
  t.equal((await service.call('PATCH', path, { json: { status: 'enabled' } })).body.failing_since, null);
  const [next] = await tell(service, someone());
  await until('what comes after', () => receiver.arrivals.length === 2);
  t.equal(receiver.arrivals[1]?.id, next);
  const { body } = await service.call('POST', `${path}/redeliver`, { json: { since } });
  t.same(body, { count: 4 }, 'the failed one, the disabling, the missed one and the delivered one');
  await until('all', () => receiver.arrivals.length === 6);
  t.ok(receiver.arrivals.slice(2).some(({ id: each }) => each === missed));
});

t.test('an endpoint that fails for too long is disabled', async (t) => {
  const service = await startApp(t, { environment: { ...quickRetries, WEBHOOK_DISABLE_AFTER_SECONDS: '0.3' } });
  const { endpoint, deliveries, id, receiver } = await arrangeEndpoint(t, service, {}, status(500));
  await tell(service, someone(), someone());
  await until('the end', async () => (await endpoint()).status === 'disabled');
  t.match(await endpoint(), { disabled_reason: 'failing', failing_since: /T/ });
  const list = await deliveries();
  t.same(
    list.map(({ status }: { status: string }) => status),
    ['failed', 'failed'],
    'what waited is over',
  );
  const { data: events } = (await service.call('GET', '/v1/events?type=endpoint.disabled')).body;
  t.match(events, [{ data: { endpoint_id: id, reason: 'failing', failing_since: /T/ } }]);
  const before = receiver.arrivals.length;
  await tell(service, someone());
  await numbered(service);
  t.equal(receiver.arrivals.length, before);
});

t.test('an answer that the database refuses is left out, and what can not be recorded ends', async (t) => {
  const { pool } = service.database;
  const { receiver, settled } = await arrangeEndpoint(t, service, {}, status(200, {}, 'poison'));
  await pool.query("alter table webhook_attempts add constraint poison check (response_body <> 'poison') not valid");
  await tell(service, someone());
  const [delivery] = await settled('delivered');
  t.match(delivery.attempts, [{ response_status: 200, response_body: null }]);
  await pool.query(`alter table webhook_attempts drop constraint poison;
    alter table webhook_attempts add constraint poison check (false) not valid`);
  await tell(service, someone());
  await settled('delivered', 2);
  t.equal(receiver.arrivals.length, 2, 'none is sent again');
  await pool.query('alter table webhook_attempts drop constraint poison');
});

t.test('a delivery that the database refuses to make holds up none behind it', async (t) => {
  const { pool } = service.database;
  const { receiver, settled } = await arrangeEndpoint(t, service);
  const events = [someone(), someone(), someone()];
  await pool.query(`
    create function poisoned() returns trigger language plpgsql as $$ begin
      if exists (select from events where id = new.event_id and user_id = '${events[1]?.user_id}') then
        raise exception 'no' using errcode = '23514';
      end if;
      return new;
    end $$;
    create trigger poisoned before insert on webhook_deliveries for each row execute function poisoned();`);
  const [first, , third] = await tell(service, ...events);
  await settled('delivered', 2);
  t.strictSame(new Set(receiver.arrivals.map(({ id }) => id)), new Set([first, third]));
  await pool.query('drop trigger poisoned on webhook_deliveries; drop function poisoned()');
});
