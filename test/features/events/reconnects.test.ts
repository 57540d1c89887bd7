import { t } from '../../support/tap.ts';
import { breakConnections } from '../../support/reconnects.ts';

t.test('200 broken connections on two instances: no gap, no repeat', async (t) => {
  const { connections, events, frames, faults } = await breakConnections(t, { wanted: 200, readers: 20 });
  t.same(faults, []);
  t.ok(connections >= 200, `${connections} connections broke`);
  t.ok(events > 20 && frames > events, 'there was something to miss');
});
