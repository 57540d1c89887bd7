import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { generate } from '../generations/story.ts';
import { loraUploads, trained } from './story.ts';

const quick = { ...eagerChecks, GENERATION_POLL_FIRST_SECONDS: '0.2', GENERATION_POLL_SECONDS: '0.5' };
const service = await startApp(t, { environment: quick, sandbox: { settings: { concurrency: 20 } } });

type Started = Awaited<ReturnType<typeof generate>>;

async function finish({ sandbox }: typeof service, generation: Started): Promise<string | undefined> {
  await sandbox.queue.complete(await generation.job());
  const { fal_input: input } = await generation.is('succeeded');
  return (input?.['loras'] as { path: string }[] | undefined)?.[0]?.path;
}

t.test('ten generations of an avatar make one upload, and fal fetches the weights once', async (t) => {
  const { avatar_id: avatarId, user_id: userId } = await trained(service);
  t.ok(userId);
  const started: Started[] = [];
  for (let count = 0; count < 10; count += 1) started.push(await generate(service, avatarId ?? '', { seed: count }));
  const paths: (string | undefined)[] = [];
  for (const generation of started) paths.push(await finish(service, generation));
  const [path = '', ...others] = [...new Set(paths)];
  t.strictSame(others, []);
  t.equal(loraUploads(service).length, 1);
  t.equal(service.sandbox.loras.counts()[path]?.fetches, 1);
});

t.test('with LORA_LINKS=signed fal fetches the weights here, once', async (t) => {
  const signed = await startApp(t, { environment: { ...quick, LORA_LINKS: 'signed' } });
  const { avatar_id: avatarId } = await trained(signed);
  const paths: (string | undefined)[] = [];
  for (const seed of [1, 2]) paths.push(await finish(signed, await generate(signed, avatarId ?? '', { seed })));
  t.equal(new URL(paths[0] ?? '').origin, signed.url);
  t.equal(paths[1], paths[0]);
  t.match(signed.sandbox.loras.counts(), { [paths[0] ?? '']: { fetches: 1 } });
  t.strictSame(loraUploads(signed), []);
});
