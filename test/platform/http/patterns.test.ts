import { t } from '../../support/tap.ts';
import description from '../../../openapi/openapi.json' with { type: 'json' };
import { formatMeanings, formats } from '../../../src/platform/http/formats.ts';
import { patternMeanings } from '../../../src/platform/http/text.ts';
import { buildValidator } from '../../../src/platform/http/validator.ts';

type Rule = { pattern?: string; format?: string; maxLength?: number };

/** What each repeats is where one pattern or another looks at a character more than once. */
const units = ['a', ' ', 'a ', '\u00a0', '\u200b', '0', '-', '.', 'a-', '😀', '\u0301', '%', '"', '\\', '\t'];
const ends = ['', '\u0001', '\ud800', '\n', '!', 'Z'];
const size = 100_000;

/** Every rule of the description about texts, wherever it stands. */
function rulesOf(value: unknown): Rule[] {
  if (typeof value !== 'object' || value === null) return [];
  const rule = value as Rule;
  const own = typeof rule.pattern === 'string' || typeof rule.format === 'string' ? [rule] : [];
  return [...own, ...Object.values(value).flatMap(rulesOf)];
}

const rules = rulesOf(description);
const patterns = [...new Set([...rules.flatMap(({ pattern }) => pattern ?? []), ...Object.keys(patternMeanings)])];

/** The least of a few times, in milliseconds of the processor: what else the machine does only adds to it. */
function timeOf(run: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const began = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Time at a length, beside the time at an eighth of it: 8 for what is linear, 64 for what is quadratic. */
function growthOf(test: (text: string) => unknown, unit: string, end: string): number {
  const textOf = (length: number) => unit.repeat(Math.ceil(length / unit.length)) + end;
  const [short, long] = [textOf(size / 8), textOf(size)];
  const time = timeOf(() => test(long));
  // Below that the clock is too coarse, and the time does not matter.
  return time < 2
    ? 0
    : time /
        Math.max(
          timeOf(() => test(short)),
          0.01,
        );
}

t.test('every pattern of the description takes time in proportion to its text', async (t) => {
  t.ok(patterns.length >= 6, `${patterns.length} patterns`);
  for (const pattern of patterns) {
    const expression = new RegExp(pattern, 'u');
    for (const unit of units) {
      for (const end of ends) {
        const growth = growthOf((text) => expression.test(text), unit, end);
        t.ok(growth < 24, `${pattern} on ${JSON.stringify(unit)}… ${JSON.stringify(end)}: × ${growth.toFixed(1)}`);
      }
    }
  }
  const quadratic = /^[^\p{Cc}\p{Cs}]*[^\s\p{Cc}\p{Cs}][^\p{Cc}\p{Cs}]*$/u;
  t.ok(growthOf((text) => quadratic.test(text), 'a', '\u0001') > 24, 'as a quadratic one would not');
});

t.test('so does every format', async (t) => {
  for (const [name, passes] of Object.entries(formats)) {
    for (const unit of units) t.ok(growthOf(passes, unit, '!') < 24, `${name} on ${unit}`);
  }
});

t.test('every rule about what a client writes has words for people, and every pattern a limit', async (t) => {
  for (const path of Object.values(description.paths)) {
    for (const { parameters = [], requestBody = {} } of Object.values(path) as Record<string, unknown>[]) {
      for (const { pattern, format, maxLength } of rulesOf([parameters, requestBody])) {
        if (pattern !== undefined) {
          t.ok(patternMeanings[pattern], pattern);
          t.ok(maxLength, `${pattern} stands beside a maxLength`);
        }
        if (format !== undefined && format !== 'uri-reference') t.ok(formatMeanings[format], format);
      }
    }
  }
});

t.test('a text whose length is its fault is met by no pattern', async (t) => {
  const rule = { type: 'string', maxLength: 10, pattern: '^(?:(?:a+)+)+$' };
  const validate = buildValidator({})({
    schema: rule,
    method: 'POST',
    url: '/',
    httpPart: 'body',
  });
  t.equal(validate(`${'a'.repeat(100)}!`), false, 'in this test’s time');
  t.match(validate.errors, [{ keyword: 'maxLength' }]);
  t.equal(validate('aaaaaaaaa!'), false);
  t.match(validate.errors, [{ keyword: 'pattern', params: { pattern: rule.pattern } }]);
});
