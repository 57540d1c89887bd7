import Value from 'typebox/value';
import { t } from '../../support/tap.ts';
import { eventData, type EventType, eventTypes } from '../../../src/features/events/types.ts';
import { describeApi } from '../../../src/openapi.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar } from '../../support/arrange.ts';
import { eventDocs } from '../../support/event-docs.ts';
import { eagerPolls } from '../../support/service.ts';
import { until } from '../../support/until.ts';

type Shown = { type: EventType; data: Record<string, unknown>; sequence: number };

t.test('docs/events.md lists every type with its data; npm run docs writes it', async (t) => {
  const { actual, expected } = await eventDocs();
  t.equal(actual, expected);
});

t.test('what the service publishes has the data that its type promises', async (t) => {
  const service = await startApp(t, { environment: eagerPolls, sandbox: { speed: 60 } });
  async function call(method: string, path: string, options: { json?: unknown } = {}) {
    const answer = await service.call(method, path, options);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer;
  }
  const user = await service.makeUser();
  await call('PATCH', `/v1/users/${user.id}`, { json: { is_premium: true } });
  const avatar = await service.makeAvatar({ user_id: user.id });
  await call('PATCH', `/v1/avatars/${avatar.id}`, { json: { name: 'Other' } });
  await call('DELETE', `/v1/avatars/${avatar.id}`);
  await call('DELETE', `/v1/users/${user.id}`);
  for (const isWanted of [true, false]) {
    const { avatarId } = await arrangeAvatar(service.app);
    const started = await call('POST', `/v1/avatars/${avatarId}/trainings`, { json: { steps: 500 } });
    t.equal(started.status, 202);
    if (!isWanted) await call('POST', `/v1/trainings/${started.body.id}/cancel`);
    await until('the end', async () =>
      /succeeded|cancelled/.test((await call('GET', `/v1/trainings/${started.body.id}`)).body.status),
    );
  }
  const events = await until('the last event', async () => {
    const { body } = await call('GET', '/v1/events?limit=1000');
    const list: Shown[] = body.data;
    return list.some(({ type }) => type === 'training.cancelled') && list;
  });
  const seen = new Set(events.map(({ type }) => type));
  for (const type of ['user.deleted', 'avatar.updated', 'training.progress', 'training.succeeded'] as const) {
    t.ok(seen.has(type), `${type} was seen`);
  }
  for (const { type, data } of events) {
    t.same([...Value.Errors(eventData[type], data)], [], `${type} ${JSON.stringify(data)}`);
  }
  t.same(
    events.map(({ sequence }) => sequence),
    events.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
  );

  const { components } = JSON.parse(await describeApi(service.app));
  const described = components.schemas.Event.oneOf;
  t.same(
    described.map((form: { properties: { type: { enum: [string] } } }) => form.properties.type.enum[0]),
    eventTypes,
    'clients know every form',
  );
});
