import { existsSync } from 'node:fs';
import t from 'tap';
import { importGraph } from './support/import-graph.ts';

const graph = await importGraph('src', 'packages', 'lab', 'test');

t.test('no file imports itself over others, not even for a type', async (t) => {
  t.same(circlesOf(graph), []);
});

t.test('the imports that are looked at are all there are, those of types and of packages too', async (t) => {
  const targets = [...graph].flatMap(([from, all]) => all.map((to) => ({ from, to })));
  t.ok(targets.length > 2000);
  for (const { from, to } of targets) if (!existsSync(to)) t.fail(`${from} imports ${to}, which is not found`);
  t.ok(graph.get('src/context.ts')?.includes('src/platform/jobs/jobs.ts'), 'a type');
  t.ok(
    graph.get('src/serve.ts')?.some((path) => path.startsWith('packages/schema-tools/')),
    'a package',
  );
});

t.test('a circle is found however long it is, once', async (t) => {
  const ring = new Map([
    ['a', ['b', 'x']],
    ['b', ['c']],
    ['c', ['a', 'x']],
    ['x', []],
    ['self', ['self']],
  ]);
  t.same(circlesOf(ring), ['a → b → c → a', 'self → self']);
});

/** @returns the circles that a walk along the imports comes upon; none when there is none */
function circlesOf(imports: Map<string, string[]>): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    if (finished.has(file)) return;
    const start = path.indexOf(file);
    if (start !== -1) return void found.push([...path.slice(start), file].join(' → '));
    path.push(file);
    for (const target of imports.get(file) ?? []) walk(target);
    path.pop();
    finished.add(file);
  };
  for (const file of imports.keys()) walk(file);
  return found;
}
