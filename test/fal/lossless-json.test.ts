import { t } from '../support/tap.ts';
import {
  hasUnstorableText,
  parseLossless,
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

await t.test('text that PostgreSQL does not take is found and replaced', async (t) => {
  for (const bad of ['a\0', '\uD800', 'x\uDC00y']) {
    for (const value of [bad, [bad], { a: { b: [bad] } }, { [bad]: 1 }]) {
      t.equal(hasUnstorableText(value), true);
      t.equal(hasUnstorableText(storableValue(value)), false);
    }
  }
  t.equal(storableText('a\0b\uD800'), 'a\uFFFDb\uFFFD');
  const good = { a: ['x', 1, null, true, '😀'], b: {} };
  t.equal(hasUnstorableText(good), false);
  t.same(storableValue(good), good);
});

await t.test('values nested without end exhaust nothing', async (t) => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  t.equal(hasUnstorableText(deep), true);
  t.equal(hasUnstorableText(storableValue(deep)), false);
});
