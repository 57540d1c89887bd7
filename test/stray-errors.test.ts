import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';

const support = resolve('test/support');

/** Runs test files, given by name and text, as a group is run. @returns what the run prints, without indents */
async function runGroupOf(t: Test, files: Record<string, string>): Promise<{ code: number; lines: string[] }> {
  const head = `import { t } from '${support}/tap.ts';\n`;
  const written = Object.entries(files).map(([name, text]) => [name, head + text]);
  const runner = `import { runFiles } from '${support}/run-files.ts';
    await runFiles(import.meta.dirname, ${JSON.stringify(Object.keys(files))});`;
  const folder = t.testdir({ ...Object.fromEntries(written), 'run.ts': runner });
  const args = ['--import', join(support, 'preload.js'), join(folder, 'run.ts')];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, (_, stdout) => {
      done({ code: child.exitCode ?? -1, lines: stdout.split('\n').map((line) => line.trim()) });
    });
  });
}

const whole = `void t.test('whole', async (t) => void t.ok(true));\n`;
const strays = {
  timer: `setTimeout(() => { throw new Error('stray') }, 1);`,
  tick: `process.nextTick(() => { throw new Error('stray') });`,
  rejection: `void Promise.reject(new Error('stray'));`,
  'no error at all': `setImmediate(() => { throw 'stray' });`,
};

for (const [name, stray] of Object.entries(strays))
  t.test(`a stray ${name} fails the test that runs, and all others still run`, async (t) => {
    const waiting = `void t.test('waits', async () => { ${stray} await new Promise(() => {}); });\n`;
    const files = { 'a.test.ts': whole, 'b.test.ts': waiting + whole, 'c.test.ts': whole };
    const { code, lines } = await runGroupOf(t, files);
    t.equal(code, 1);
    t.match(
      lines.find((line) => line.startsWith('ok 1 - a.test.ts')),
      /^ok/,
    );
    t.match(
      lines.find((line) => line.includes(' - waits')),
      /^not ok/,
    );
    t.match(
      lines.find((line) => line.includes(' 2 - whole')),
      /^ok/,
      'the next test of the file',
    );
    t.match(
      lines.find((line) => line.includes(' - b.test.ts')),
      /^not ok 2/,
    );
    t.match(
      lines.find((line) => line.includes(' - c.test.ts')),
      /^ok 3/,
      'the next file',
    );
  });

t.test('a stray error of a file that has ended names that file, and not the one that runs', async (t) => {
  const late = `void t.test('late', async (t) => { setTimeout(() => { throw new Error('stray') }, 100); t.ok(true) });`;
  const waiting = `void t.test('waits', async (t) => { await new Promise((r) => setTimeout(r, 200)); t.ok(true) });`;
  const { code, lines } = await runGroupOf(t, { 'a.test.ts': late, 'b.test.ts': waiting, 'c.test.ts': whole });
  t.equal(code, 1);
  t.match(
    lines.find((line) => line.includes('stray')),
    'a.test.ts: stray (thrown while b.test.ts ran)',
  );
  t.match(
    lines.find((line) => line.includes(' - b.test.ts')),
    /^ok/,
  );
  t.match(
    lines.find((line) => line.includes(' - c.test.ts')),
    /^ok/,
  );
});

t.test('a file that fails is followed by the command that runs it alone', async (t) => {
  const failing = `void t.test('fails', async (t) => void t.ok(false));`;
  const { lines } = await runGroupOf(t, { 'a.test.ts': whole, 'b.test.ts': failing });
  const alone = lines.filter((line) => line.startsWith('# alone:'));
  t.equal(alone.length, 1);
  t.match(alone[0], /^# alone: npx tap run \S+\/b\.test\.ts$/);
});
