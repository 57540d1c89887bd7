import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { t } from '../support/tap.ts';
import { makeSamplePhotos } from '../../src/commands/demo/sample-photos.ts';
import { developmentKey } from '../../src/commands/development/api-key.ts';
import { startService } from '../support/service.ts';

// A training and a generation, told in a shell: seconds alone, more beside others.
t.setTimeout(120_000);
t.test('the story of the README happens as it is told', async (t) => {
  const { app, url } = await startService(t, { sandbox: { speed: 200 } });
  const folder = t.testdir({ '.likeness': { demo: {} } });
  await makeSamplePhotos(join(folder, '.likeness/demo/photos'));
  await developmentKey(app, join(folder, '.likeness'));
  const readme = await readFile('README.md', 'utf8');
  const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? '';
  const story = block('bash');
  t.match(story, 'curl');

  const script = `set -euo pipefail\n${story}`;
  const { PATH = '' } = process.env;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env: { PATH, API: url } });
  t.match(stdout, '"status":"succeeded"');
  const weights = await readFile(join(folder, 'ada.safetensors'));
  const training = JSON.parse(stdout.slice(stdout.indexOf('"rejected":[]}') + '"rejected":[]}'.length));
  t.equal(weights.length, training.artifacts.lora.size);
  const { info } = await sharp(join(folder, 'ada.jpg')).raw().toBuffer({ resolveWithObject: true });
  t.match(info, { width: 864, height: 1152 }, 'a picture of the size that was asked for');
  t.match(training, JSON.parse(block('json'), changing), 'the answer that the README shows');

  await t.test('it ends, and says why, where a step of it fails', async (t) => {
    const elsewhere = t.testdir({ '.likeness': {} });
    await developmentKey(app, join(elsewhere, '.likeness'));
    const options = { cwd: elsewhere, env: { PATH, API: url }, timeout: 30_000 };
    const ended = await promisify(execFile)('bash', ['-c', story], options).catch((error: object) => error);
    t.match(ended, { killed: false, stderr: /photos\/\*\.jpg|error: 4\d\d/ });
    t.notMatch(ended, { stdout: /"status":"succeeded"/ });
  });
});

/** Ids and hashes differ from run to run: their form is compared. */
function changing(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !/^[0-9a-f-]{36,}$/.test(value)) return value;
  return new RegExp(`^[0-9a-f-]{${value.length}}$`);
}
