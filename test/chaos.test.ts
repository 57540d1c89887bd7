import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';

const entry = resolve(import.meta.dirname, '../chaos/main.ts');
const scenarios = ['starts', 'no-webhooks', 'inbox', 'forged', 'signals', 'locked', 'stops', 'late'];

// Some dozens of processes are started; on a busy machine that takes its time.
t.setTimeout(300_000);

t.test('the promises hold under every fault, on a small scale', async (t) => {
  const child = spawn(process.execPath, [entry, '--quick', '--seed', '1'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    // It clears away what it has started before it ends.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  });
  const [out, told] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  t.equal(code, 0, told);
  const { scenarios: found, ok } = JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
  t.equal(ok, true);
  t.same(Object.keys(found).sort(), [...scenarios].sort());
  for (const name of scenarios) t.same(found[name].broken, [], name);
  t.match(found.starts, { archives_sent_twice: 0, trainings_with_two_jobs: 0, jobs_unknown_to_us: 0 });
  t.equal(found.inbox.acknowledged_and_lost, 0);
  t.ok(found.forged.forgeries >= 200);
  t.match(found.forged, { accepted: 0, tables_changed: [] });
  t.equal(found.locked.failed, 0);
  t.equal(found.stops.stop.failed_requests, 0);
});
