import { randomUUID } from 'node:crypto';
import { t, type Test } from '../../support/tap.ts';
import { runHere } from '../../support/in-process.ts';
import { createLegacyDatabase } from '../../support/legacy.ts';
import { createEmptyDatabase, createTestDatabase, queryOnce } from '../../support/postgres.ts';

type Examined = { name: string; health: string; seen: string; fix: string | null };

/** What the doctor says of one component, by the names of its examinations. */
async function examine(url: string, component: string): Promise<Record<string, Examined>> {
  const { stdout } = await runHere(['db', 'doctor', '--url', url, '--format', 'json']);
  const { components }: { components: { name: string; examinations: Examined[] }[] } = JSON.parse(stdout);
  const found = components.find(({ name }) => name === component)?.examinations ?? [];
  return Object.fromEntries(found.map((each) => [each.name, each]));
}

t.test('the doctor says how the history stands, and which command goes on from there', async (t) => {
  const { url: legacy } = await createLegacyDatabase(t, 'avatars-24');
  t.match(await examine(legacy, 'history'), {
    migrations: { health: 'fail', seen: /earlier system/, fix: /likeness db adopt --from alembic/ },
  });
  const { url: empty } = await createEmptyDatabase(t);
  t.match(await examine(empty, 'history'), {
    migrations: { health: 'warn', seen: /empty/, fix: /likeness db migrate/ },
  });

  const { url } = await createTestDatabase(t);
  t.match(await examine(url, 'history'), { migrations: { health: 'ok' }, ledger: { health: 'ok' } });
  await queryOnce(url, 'create table alembic_version (version_num text)');
  t.match(await examine(url, 'history'), { 'other tools': { health: 'warn', seen: /alembic_version \(Alembic\)/ } });
  await queryOnce(
    url,
    'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)',
  );
  t.match(await examine(url, 'history'), {
    history_missing: { health: 'fail', seen: /The ledger says/, fix: /likeness db reset --state/ },
  });
  await queryOnce(url, 'delete from drizzle.likeness_ledger');
  t.match(await examine(url, 'history'), {
    migrations: { health: 'warn', seen: /1 pending/, fix: /likeness db migrate/ },
  });
  await queryOnce(url, `update drizzle.__drizzle_migrations set hash = 'tampered'`);
  t.match(await examine(url, 'history'), { history_edited: { health: 'fail' } });
});

t.test('the doctor knows of a migration that stopped half-way', async (t) => {
  const { url } = await createTestDatabase(t);
  const act = (outcome: string) =>
    queryOnce(
      url,
      `insert into drizzle.likeness_ledger (act, target, outcome, started_at, role, operator, details)
       values ('migrate', '9999_half', $1, now(), 'me', 'me', '{}')`,
      [outcome],
    );
  await act('half_applied');
  t.match(await examine(url, 'history'), {
    ledger: { health: 'fail', seen: /9999_half/, fix: /likeness db migrate --continue/ },
  });
  await act('done');
  t.match(await examine(url, 'history'), { ledger: { health: 'ok' } }, 'the newest act counts');
});

t.test('the doctor says what a role may not do, and what would let it', async (t) => {
  const { url } = await createTestDatabase(t);
  t.match(await examine(url, 'privileges'), {
    role: { seen: /superuser/ },
    schemas: { health: 'ok' },
    tables: { health: 'ok' },
    ownership: { health: 'ok', seen: /owns all \d+ tables/ },
    rows: { health: 'ok' },
  });
  const role = await createRole(t, url);
  t.match(await examine(withUser(url, role), 'privileges'), {
    role: { seen: role },
    schemas: { health: 'warn', fix: new RegExp(`grant create on database .* to ${role}`) },
    tables: { health: 'warn', fix: new RegExp(`grant create on schema public to ${role}`) },
    ownership: { health: 'warn', seen: /avatars/ },
    'rows of public': {
      health: 'fail',
      seen: /avatars \(select, insert, update, delete\)/,
      fix: /grant select, insert, update, delete on public\.avatars to/,
    },
    'rows of pgboss': {
      health: 'fail',
      seen: /job \(select, insert, update, delete\)/,
      fix: /grant usage on schema pgboss/,
    },
  });
  t.match(await examine(withUser(url, role), 'history'), { migrations: { health: 'ok' } });
  t.match(await examine(withUser(url, role), 'sync and hazards'), {
    schema: { health: 'ok' },
    'job queue': { seen: /may not read pgboss\.version/ },
  });
});

t.test('the doctor names the one privilege that lacks', async (t) => {
  const { url } = await createTestDatabase(t);
  const role = await createRole(t, url);
  await queryOnce(
    url,
    `grant usage on schema pgboss to ${role};
     grant select, insert, update, delete on all tables in schema public, pgboss to ${role};
     grant usage on all sequences in schema public, pgboss to ${role}; revoke insert on events from ${role}`,
  );
  const privileges = await examine(withUser(url, role), 'privileges');
  t.match(privileges, { 'rows of public': { health: 'fail', seen: 'it lacks privileges on events (insert)' } });
  await queryOnce(url, `grant insert on events to ${role}`);
  t.match(await examine(withUser(url, role), 'privileges'), { rows: { health: 'ok' } });
});

t.test('a role that may not read the history or the queue is told so, and the rest is checked', async (t) => {
  const { url } = await createTestDatabase(t);
  const role = await createRole(t, url);
  await queryOnce(
    url,
    `revoke all on schema drizzle from ${role}; revoke all on all tables in schema drizzle from ${role}`,
  );
  await queryOnce(url, 'drop index ix_avatars_training_type');
  const mine = withUser(url, role);
  const check = await runHere(['db', 'check', '--url', mine, '--format', 'json']);
  t.equal(check.code, 2, check.stderr);
  t.match(JSON.parse(check.stdout), {
    state: 'hidden',
    findings: [{ code: 'history_hidden' }, { code: 'queue_hidden' }, { code: 'missing_index' }],
  });
  t.match(await runHere(['db', 'report', '--url', mine]), { code: 0, stdout: /may not read/ });
  t.match(await examine(mine, 'history'), { history_hidden: { health: 'warn', fix: /usage on the schema drizzle/ } });
  for (const args of [['migrate'], ['status'], ['plan'], ['repair', '--apply']]) {
    const answer = await runHere(['db', ...args, '--url', mine]);
    t.equal(answer.code, 3, args.join(' '));
    t.match(answer.stdout + answer.stderr, /may not read/);
  }
});

/** A role that may look at the history and nothing else. */
async function createRole(t: Test, url: string): Promise<string> {
  const role = `looker_${randomUUID().slice(0, 8)}`;
  await queryOnce(
    url,
    `create role ${role} login password 'x'; grant usage on schema drizzle to ${role};
    grant select on all tables in schema drizzle to ${role}; revoke create on schema public from public`,
  );
  t.teardown(() => queryOnce(url, `drop owned by ${role}; drop role ${role}`).then(() => undefined));
  return role;
}

function withUser(url: string, role: string): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = 'x';
  return changed.href;
}
