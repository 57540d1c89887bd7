import { t } from '../support/tap.ts';
import { checkIfMatch, etagOf, isFresh } from '../../src/http/etag.ts';

const etag = etagOf({ a: 1, b: null });

t.test('a tag changes exactly when the answer does', async (t) => {
  t.match(etag, /^"[\w-]{22}"$/);
  for (const other of [{ a: 2, b: null }, { a: 1 }, { a: 1, b: 0 }, { a: '1', b: null }, { a: 1, b: null, c: 1 }]) {
    t.not(etagOf(other), etag, JSON.stringify(other));
  }
});

t.test('If-None-Match compares weakly', async (t) => {
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) t.ok(isFresh(header, etag), header);
  for (const header of [undefined, '', '"x"', etag.slice(1, -1), etag.toUpperCase()]) t.notOk(isFresh(header, etag));
});

t.test('If-Match compares strongly, and says what the state is', async (t) => {
  for (const header of [undefined, '*', etag, `"x",${etag}`]) t.doesNotThrow(() => checkIfMatch(header, etag));
  for (const header of ['"x"', `W/${etag}`, '', 'x']) {
    t.throws(() => checkIfMatch(header, etag), { code: 'precondition-failed', statusCode: 412, headers: { etag } });
  }
});
