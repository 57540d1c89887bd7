import { v7 as uuidv7 } from 'uuid';
import { compare, comparisonSection, type Contender } from '../compare.ts';
import type { Ground } from '../ground.ts';
import type { LoadRequest } from '../load.ts';
import type { Started } from '../processes.ts';
import type { Bench, Section } from '../section.ts';
import { makeKey, startBaseline, startOurs } from '../service.ts';

const avatarCount = 1000;
// Enough users that none reaches the quota of avatars.
const userCount = 5000;

type Program = { process: Started; path: string; headers: Record<string, string>; avatars: string[]; users: string[] };

/** GET and POST of avatars, compared with Fastify and pg, Express and Drizzle, and Node's bare server. */
export async function measureAvatars({ ground, pace }: Bench): Promise<Section[]> {
  const starts = {
    Likeness: ours(ground),
    'Fastify, pg prepared': baseline(ground, 'fastify-pg'),
    'Express 5, Drizzle': baseline(ground, 'express-drizzle'),
  };
  const programs = await Promise.all(
    Object.entries(starts).map(async ([name, start]): Promise<[name: string, Program]> => [name, await start]),
  );
  try {
    const bare: Program = { ...(programs[0] ?? [])[1], ...(await bareHttp(ground)) } as Program;
    const contenders = (requests: (program: Program) => LoadRequest[], list = programs): Contender[] =>
      list.map(([name, program]) => ({ name, process: program.process, requests: () => requests(program) }));
    const { postgres } = ground;
    try {
      const reading = {
        title: 'GET avatar',
        what: 'GET avatar, to Fastify with one prepared select',
        target: 0.8,
        contenders: contenders(reads, [...programs, ['node:http, from memory', bare]]),
        postgres,
      };
      const writing = {
        title: 'POST avatar',
        what: 'POST avatar with its event, to Fastify with one prepared insert',
        target: null,
        contenders: contenders(writes),
        postgres,
      };
      return [comparisonSection(await compare(reading, pace)), comparisonSection(await compare(writing, pace))];
    } finally {
      await bare.process.stop();
    }
  } finally {
    for (const [, { process }] of programs) await process.stop();
  }
}

function reads({ path, headers, avatars }: Program): LoadRequest[] {
  return avatars.map((id) => ({ method: 'GET', path: `${path}/${id}`, headers }));
}

function writes({ path, headers, users }: Program): LoadRequest[] {
  return users.map((user_id) => ({
    method: 'POST',
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ user_id, name: 'Ada', gender: 'female', training_type: 'portrait' }),
  }));
}

async function ours(ground: Ground): Promise<Program> {
  const databaseUrl = await ground.database('ours');
  const rows = await fill(ground, databaseUrl);
  const environment = { MAX_AVATARS_PER_USER: '1000' };
  const process = await startOurs(ground, { role: 'api', databaseUrl, environment });
  const authorization = `Bearer ${await makeKey(databaseUrl)}`;
  return { process, path: '/v1/avatars', headers: { authorization }, ...rows };
}

async function baseline(ground: Ground, name: string): Promise<Program> {
  const databaseUrl = await ground.database(name.replace('-', '_'));
  const rows = await fill(ground, databaseUrl);
  const path = `/avatars/${rows.avatars[0]}`;
  const process = await startBaseline(ground, name, { path, environment: { DATABASE_URL: databaseUrl } });
  return { process, path: '/avatars', headers: {}, ...rows };
}

async function bareHttp(ground: Ground): Promise<Pick<Program, 'process' | 'path' | 'headers'>> {
  return { process: await startBaseline(ground, 'http', { path: '/' }), path: '/avatars', headers: {} };
}

/** Creates users, the first with untrained avatars. */
async function fill(ground: Ground, url: string): Promise<{ avatars: string[]; users: string[] }> {
  const users = Array.from({ length: userCount }, () => uuidv7());
  const avatars = Array.from({ length: avatarCount }, () => uuidv7());
  await ground.query(
    url,
    `insert into users (id, external_id, first_name, language_code, is_premium, is_bot, is_blocked)
     select id, id, 'Ada', 'en', false, false, false from unnest($1::uuid[]) as id`,
    [users],
  );
  await ground.query(
    url,
    `insert into avatars (id, user_id, name, gender, training_type)
     select id, $1, 'Ada', 'female', 'portrait' from unnest($2::uuid[]) as id`,
    [users[0], avatars],
  );
  await ground.query(url, 'vacuum analyze users, avatars');
  return { avatars, users: users.slice(1) };
}
