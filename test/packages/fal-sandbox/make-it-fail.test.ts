import { readFile } from 'node:fs/promises';
import { t } from '../../support/tap.ts';
import { filesOf, generate, look, uploadLora } from './images-support.ts';
import { startSandbox } from './support.ts';

/* What docs/make-it-fail.md says of images happens. */

type Test = Parameters<typeof startSandbox>[0];

/** Asks for two images with a LoRA and gives, ten minutes later, what their files hold; null for a file that is no image. */
async function makeTwo(t: Test, rule: string) {
  const { sandbox, fal } = await startSandbox(t, { faults: [JSON.parse(rule)] });
  const ended = await generate(sandbox, fal, { num_images: 2, loras: [{ path: await uploadLora(fal) }] });
  const files = ended.outcome?.status === 200 ? await filesOf(sandbox, ended.result) : [];
  const pictures = await Promise.all(files.map((bytes) => look(bytes).catch(() => null)));
  return { ...ended, sandbox, status: ended.outcome?.status, files, pictures };
}

type Two = Awaited<ReturnType<typeof makeTwo>>;

const answers: Record<string, (t: Test, two: Two) => unknown> = {
  '200, the second black, flagged and billed': (t, { pictures, result, units }) => {
    t.strictSame(
      pictures.map((picture) => picture?.share === 1),
      [false, true],
    );
    t.strictSame(result.has_nsfw_concepts, [false, true]);
    t.equal(units, '2');
  },
  '200, all black, none flagged': (t, { pictures, result }) => {
    t.strictSame(
      pictures.map((picture) => picture?.share),
      [1, 1],
    );
    t.strictSame(result.has_nsfw_concepts, [false, false]);
  },
  '200 without images': (t, { result }) => t.strictSame(result.images, []),
  '200 with one image less': (t, { result }) => t.equal(result.images.length, 1),
  '200, files half as large as told': (t, { result, pictures }) => {
    t.match(result.images, [{ width: 512 }, { width: 512 }]);
    t.match(pictures, [{ width: 256 }, { width: 256 }]);
  },
  '200, files with the same bytes': (t, { files: [one, other] }) => t.ok(one && other?.equals(one)),
  '200, files that are no images': (t, { pictures }) => t.strictSame(pictures, [null, null]),
  '`IN_PROGRESS` for two hours, then 200': async (t, { sandbox, id, outcome }) => {
    t.equal(outcome, null);
    await sandbox.clock.advance(6700);
    t.equal(sandbox.queue.get(id)?.outcome?.status, 200);
  },
};

/** Reads `422 \`type\` at \`place\``. */
function refusalIn(sees: string): { type: string; place: string } | null {
  const [, type, place] = /^422 `(\w+)` at `([\w.]+)`$/.exec(sees) ?? [];
  return type && place ? { type, place } : null;
}

const page = await readFile('docs/make-it-fail.md', 'utf8');
const [, images = ''] = page.split('\n## Images\n');
const rows = [...images.matchAll(/^\| ([^|]+) \| `(\{[^`]*\})` \| ([^|]+) \| [^|]+ \|$/gm)];

for (const [, what = '', rule = '', cell = ''] of rows) {
  const sees = cell.trim();
  t.test(`${what}: ${sees}`, async (t) => {
    const two = await makeTwo(t, rule);
    const refusal = refusalIn(sees);
    if (!refusal) {
      const answer = answers[sees];
      if (!answer) return t.fail(`nothing looks at "${sees}"`);
      return answer(t, two);
    }
    t.equal(two.status, 422);
    const [detail]: unknown[] = Array.isArray(two.detail) ? two.detail : [];
    const loc = ['body', ...refusal.place.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))];
    t.match(detail, { type: refusal.type, loc });
  });
}

t.test('the page has a row for each of these', (t) => {
  const seen = rows.map(([, , , cell = '']) => cell.trim());
  t.strictSame(
    Object.keys(answers).filter((answer) => !seen.includes(answer)),
    [],
  );
  t.equal(seen.filter((cell) => refusalIn(cell)).length, 3);
  t.end();
});
