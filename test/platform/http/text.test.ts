import { t } from '../../support/tap.ts';
import type { TSchema } from 'typebox';
import { Line, Text, Token } from '../../../src/platform/http/text.ts';
import { buildValidator } from '../../../src/platform/http/validator.ts';

const compile = buildValidator({});

function takes(schema: TSchema): (value: unknown) => boolean {
  const validate = compile({ schema, method: 'POST', url: '/', httpPart: 'body' });
  return (value) => validate(value) === true;
}

const spaces = ['', ' ', '\u00a0 '];
const words = ['Ada', 'Анна 李', '😀😀', ' a '];
const unstorable = ['a\u0000b', 'a\nb', '\u0007', '\ud800', '\u0085'];

t.test('text, lines and tokens take every script and nothing that can’t be stored', async (t) => {
  const [text, line, token] = [
    takes(Text({ maxLength: 6 })),
    takes(Line({ maxLength: 6 })),
    takes(Token({ maxLength: 6 })),
  ];
  for (const value of unstorable) {
    for (const take of [text, line, token]) t.notOk(take(value), JSON.stringify(value));
  }
  for (const value of words) t.ok(text(value) && line(value), value);
  for (const value of spaces) t.ok(text(value) && !line(value) && !token(value), JSON.stringify(value));
  t.ok(token('a-1') && !token('a b'));
  t.ok(line('😀'.repeat(6)) && !line('😀'.repeat(7)), 'counted in characters, as PostgreSQL does');
  t.notOk(line(5));
});

t.test('a long value is judged at once', async (t) => {
  const line = takes(Line({ maxLength: 1_000_000 }));
  const start = performance.now();
  t.notOk(line(' '.repeat(200_000)));
  t.ok(performance.now() - start < 1000);
});
