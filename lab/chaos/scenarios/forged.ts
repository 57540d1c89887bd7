import { Agent, request } from 'undici';
import { type Forgery, type Loot, makeForgeries } from '../forgeries.ts';
import { type Ground, openGround } from '../../ground/service.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { createSigner } from '../../ground/sign.ts';
import { readTrainings, startTrainings, type TrainingRow } from '../trainings.ts';
import { until } from '../../ground/until.ts';

const fewest = 200;

export const forged = defineExperiment<null>({
  name: 'forged',
  shows: 'No forged, altered, replayed or misdirected webhook changes anything.',
  sizes: { quick: null, plain: null, full: null },
  run,
});

async function run({ house, report }: Stage): Promise<Findings> {
  const ground = await openGround(house, {
    name: 'forged',
    speed: 0,
    // Without polls, so that only a webhook can change something.
    environment: { POLL_FIRST_SECONDS: '3600', POLL_SECONDS: '3600', CHECK_INTERVAL_SECONDS: '0.05' },
  });
  const agent = new Agent({ connections: 4 });
  try {
    await ground.start('all');
    const loot = await takeLoot(ground);
    const before = await digest(ground);
    const fates: { forgery: Forgery; fate: string }[] = [];
    for await (const forgery of makeForgeries(loot)) {
      fates.push({ forgery, fate: await present(ground, agent, forgery) });
    }
    report(`${fates.length} forgeries`);
    const outcomes = await drained(ground);
    const after = await digest(ground);
    const surprises = fates.filter(({ forgery, fate }) => !forgery.fates.some((each) => each === fate));
    return {
      figures: {
        forgeries: fates.length,
        fates: countOf(fates.map(({ fate }) => fate)),
        outcomes_of_kept: outcomes,
        accepted: outcomes['applied'] ?? 0,
        tables_changed: Object.keys(before).filter((table) => before[table] !== after[table]),
        surprises: surprises.map(({ forgery, fate }) => `${forgery.name}: ${fate}`),
      },
      claims: {
        'at least 200 forgeries were tried': fates.length >= fewest,
        'none is accepted': (outcomes['applied'] ?? 0) === 0 && surprises.length === 0,
        'no row is changed': Object.keys(before).every((table) => before[table] === after[table]),
        'the genuine one is taken all the same': await genuineIsTaken(ground, agent, loot),
      },
    };
  } finally {
    await agent.destroy();
    await ground.close();
  }
}

/** Three trainings: one ended by a genuine webhook, two at fal. */
async function takeLoot(ground: Ground): Promise<Loot> {
  const { sandbox } = ground;
  const [sentId] = await startTrainings(ground, await ground.avatars(1));
  const atFal = async (count: number) => {
    const rows = (await readTrainings(ground.pool)).filter(({ status }) => status === 'in_queue');
    return rows.length === count && rows;
  };
  const [first] = await until('the first to be at fal', () => atFal(1));
  await sandbox.complete(first?.fal_request_id ?? '');
  await until('its webhook to be taken', async () => {
    const rows = await readTrainings(ground.pool);
    return rows.find(({ id }) => id === sentId)?.status === 'succeeded';
  });
  await startTrainings(ground, await ground.avatars(2));
  const [mine, other] = await until('two to be at fal', () => atFal(2));
  if (!first || !mine || !other) throw new Error('the trainings did not get to fal');
  const [delivery] = await sandbox.webhooks(first.fal_request_id ?? '');
  const sentBody = Buffer.from(delivery?.body ?? '');
  const tokens = await tokensAtFal(ground);
  const lootOf = ({ fal_request_id: id }: TrainingRow) => ({ requestId: id ?? '', token: tokens.get(id ?? '') ?? '' });
  const body = Buffer.from(sentBody.toString().replaceAll(first.fal_request_id ?? '', mine.fal_request_id ?? ''));
  return {
    ...lootOf(mine),
    body,
    signed: await createSigner(sandbox.dataDir),
    signedFor: (userId) => createSigner(sandbox.dataDir, userId),
    other: lootOf(other),
    sent: { ...lootOf(first), body: sentBody },
  };
}

async function tokensAtFal({ sandbox }: Ground): Promise<Map<string, string>> {
  const jobs = await sandbox.jobs();
  return new Map(jobs.map((job) => [job.request_id, new URL(job.webhook_url ?? '').searchParams.get('t') ?? '']));
}

async function present({ url, pool }: Ground, agent: Agent, { token, headers, body }: Omit<Forgery, 'name' | 'fates'>) {
  const inInbox = async () => (await pool.query('select from fal_webhooks')).rowCount ?? 0;
  const before = await inInbox();
  const query = token === null ? '' : `?t=${encodeURIComponent(token)}`;
  // An overloaded service refuses before it checks anything.
  const answer = await until('an answer', async () => {
    const given = await request(`${url}/webhooks/fal${query}`, { method: 'POST', dispatcher: agent, headers, body });
    await given.body.dump();
    return given.statusCode !== 503 && given;
  });
  const isKept = (await inInbox()) > before;
  if (isKept) return answer.statusCode < 300 ? 'kept' : `kept and answered ${answer.statusCode}`;
  if (answer.statusCode < 300) return 'dropped';
  return answer.statusCode === 401 || answer.statusCode === 400 ? 'refused' : `answered ${answer.statusCode}`;
}

/** Waits until the inbox is drained. @returns the outcomes since the genuine webhook */
async function drained({ pool }: Ground): Promise<Record<string, number>> {
  await until('the inbox to be drained', async () => {
    const { rowCount } = await pool.query('select from fal_webhooks where drained_at is null');
    return rowCount === 0;
  });
  const { rows } = await pool.query<{ outcome: string }>('select outcome from fal_webhooks order by id offset 1');
  return countOf(rows.map(({ outcome }) => outcome));
}

/** A fingerprint of every row that a webhook could change. */
async function digest({ pool }: Ground): Promise<Record<string, string>> {
  const tables = ['users', 'avatars', 'avatar_photos', 'trainings', 'installation', 'api_keys', 'provider_circuit'];
  // Without sequence numbers, which the sequencer adds later.
  const rowOf: Record<string, string> = {
    events: "to_jsonb(t) - 'sequence'",
    api_keys: "to_jsonb(t) - 'last_used_at'",
  };
  const entries = [...tables, 'events'].map(async (table) => {
    const row = rowOf[table] ?? 'to_jsonb(t)';
    const { rows } = await pool.query(
      `select coalesce(md5(string_agg((${row})::text, ',' order by (${row})::text)), '') as digest from ${table} t`,
    );
    return [table, String(rows[0]?.digest)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function genuineIsTaken(ground: Ground, agent: Agent, loot: Loot): Promise<boolean> {
  const headers = loot.signed(loot.requestId, loot.body);
  if ((await present(ground, agent, { token: loot.token, headers, body: loot.body })) !== 'kept') return false;
  return until('the genuine webhook to take effect', async () => {
    const rows = await readTrainings(ground.pool);
    return rows.find(({ fal_request_id: id }) => id === loot.requestId)?.status === 'succeeded';
  });
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
