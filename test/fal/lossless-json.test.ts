import { t } from '../support/tap.ts';
import {
  parseLossless,
  storableJson,
  storableText,
  storableValue,
  stringifyLossless,
} from '../../src/fal/lossless-json.ts';

await t.test('integers keep every digit', async (t) => {
  for (const text of [
    '17454220438242315174',
    '-9223372036854775808',
    '9007199254740991',
    '9007199254740993',
    '[18446744073709551615,1,0.5,null,true,"17454220438242315174"]',
    '{"a":{"seed":17454220438242315174},"b":[]}',
  ]) {
    t.equal(stringifyLossless(parseLossless(text)), text);
  }
  t.equal(parseLossless('17454220438242315174'), 17454220438242315174n);
  t.equal(parseLossless('9007199254740991'), 9007199254740991, 'a safe integer stays a number');
  t.equal(parseLossless('1.5e300'), 1.5e300);
  t.same(parseLossless('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}'));
});

await t.test('what is not JSON throws', async (t) => {
  for (const text of ['', '{', 'NaN', '{"a":01}']) t.throws(() => parseLossless(text), { name: 'SyntaxError' });
  t.throws(() => stringifyLossless(undefined), { name: 'TypeError' });
});

await t.test('text that PostgreSQL does not take is replaced, in keys too', async (t) => {
  t.equal(storableText('a\0b\uD800'), 'a\uFFFDb\uFFFD');
  for (const bad of ['a\0', '\uD800', 'x\uDC00y']) {
    for (const value of [bad, [bad], { a: { b: [bad] } }, { [bad]: 1 }]) {
      t.notMatch(storableJson(value), /\\u0000|\\ud[89a-f]/i);
    }
  }
  const good = { a: ['x', 1, null, true, '😀'], b: {} };
  t.same(storableValue(good), good);
});

await t.test('numbers that jsonb refuses are none, however they are written', async (t) => {
  const tiny = `0.${'0'.repeat(20_000)}1`;
  const written = (text: string) => storableJson(parseLossless(text));
  t.equal(written('[1e200000,-1e200000,1e-200000]'), '[null,null,0]');
  t.equal(written(`[${'9'.repeat(200_000)},${tiny},1.${'3'.repeat(20_000)}]`), '[null,0,1.3333333333333333]');
  t.equal(written('17454220438242315174'), '17454220438242315174');
});

await t.test('values nested without end exhaust nothing', async (t) => {
  const text = '['.repeat(100_000) + ']'.repeat(100_000);
  t.ok(storableJson(parseLossless(text)).length < 2000);
});
