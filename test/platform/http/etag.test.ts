import { t } from '../../support/tap.ts';
import { checkIfMatch, etagOf, isFresh } from '../../../src/platform/http/etag.ts';

const etag = etagOf({ a: 1, b: null });

t.test('a tag changes exactly when the answer does', async (t) => {
  t.match(etag, /^"[\w-]{22}"$/);
  for (const other of [{ a: 2, b: null }, { a: 1 }, { a: 1, b: 0 }, { a: '1', b: null }, { a: 1, b: null, c: 1 }]) {
    t.not(etagOf(other), etag, JSON.stringify(other));
  }
});

t.test('If-None-Match compares weakly', async (t) => {
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, `"a*", W/"b",W/${etag}`, '*', ' * ']) {
    t.ok(isFresh(header, etag), header);
  }
  for (const header of [undefined, '', '"x"', etag.slice(1, -1), etag.toUpperCase(), 'x*', '"*"', '"x", *']) {
    t.notOk(isFresh(header, etag), header ?? 'none');
  }
});

t.test(
  'If-Match names the state, also by a tag that was made weak on its way, and is told what the state is',
  async (t) => {
    for (const header of [undefined, '*', etag, `W/${etag}`, `"x",${etag}`, `"x", W/${etag}`]) {
      t.doesNotThrow(() => checkIfMatch(header, etag), header ?? 'none');
    }
    for (const header of ['"x"', 'W/"x"', '', 'x', 'x*', etag.slice(1, -1)]) {
      t.throws(() => checkIfMatch(header, etag), { code: 'precondition-failed', statusCode: 412, headers: { etag } });
    }
  },
);

t.test('a header of a thousand marks is read in no time', async (t) => {
  for (const header of ['"'.repeat(16_000), 'W/"'.repeat(5_000), '*'.repeat(16_000)]) t.notOk(isFresh(header, etag));
});
