import { DrizzleQueryError } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { databaseFault, isDatabaseUnavailable, isDeterministic, isRetryable } from '../../../src/platform/db/faults.ts';
import { StorageError } from '../../../src/platform/storage/storage.ts';

const wrapped = (error: Error) => new DrizzleQueryError('select 1', [], error);
const coded = (code: string, syscall?: string) =>
  Object.assign(new Error('said'), { code, ...(syscall && { syscall }) });

t.test('what the server and the way to it say is sorted by one list', async (t) => {
  const cases: [fault: ReturnType<typeof databaseFault>, codes: string][] = [
    ['connection', '08000 08003 08006 08P01 28P01 28000 3D000 57P01 57P02 57P03 57P04 57P05 25P03 25P04'],
    ['connection', 'ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH EPIPE ECONNRESET ECONNREFUSED'],
    ['server', '53000 53100 53200 53300 53400 57014 58000 58030 25006'],
    ['conflict', '40001 40P01 55P03 55006 25P02'],
    ['data', '22000 22001 22021 22P02 22P05 23502 23503 23505 23514 44000 54000'],
    [null, '42P01 42601 0A000 XX000 EPERM ENOENT FST_ERR_VALIDATION'],
  ];
  for (const [fault, codes] of cases) {
    for (const code of codes.split(' ')) {
      t.equal(databaseFault(coded(code)), fault, code);
      t.equal(databaseFault(wrapped(coded(code))), fault, `${code}, as drizzle wraps it`);
    }
  }
  t.equal(databaseFault(coded('ENOENT', 'connect')), 'connection', 'a socket that is not there');
  t.equal(databaseFault(coded('ENOENT', 'open')), null, 'a file that is not there');
});

t.test('the words of the driver count as much as codes', async (t) => {
  for (const words of [
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Cannot use a pool after calling end on the pool',
  ]) {
    t.ok(isDatabaseUnavailable(wrapped(new Error(words))), words);
    t.ok(isRetryable(new Error('a job failed', { cause: wrapped(new Error(words)) })), `${words}, deep inside`);
  }
});

t.test('of several addresses that were tried the fault is that of the first', async (t) => {
  const tried = new AggregateError([coded('ECONNREFUSED', 'connect'), coded('ENETUNREACH', 'connect')], '');
  t.ok(isDatabaseUnavailable(wrapped(tried)));
});

t.test('a fault of the store is none of the database, whatever caused it, nor is one of ours', async (t) => {
  const store = new StorageError('unavailable', 'reading x failed', coded('ECONNREFUSED', 'connect'));
  t.equal(databaseFault(store), null);
  t.notOk(isRetryable(store));
  t.notOk(isRetryable(wrapped(new TypeError('x is not a function'))));
  t.ok(isRetryable(wrapped(new Error('a driver that knows other words'))));
  const circle = new Error('a circle');
  circle.cause = circle;
  for (const odd of [circle, 'text', null, undefined, { code: '57P01' }]) t.equal(databaseFault(odd), null);
});

t.test('what the data makes impossible is never retried, and what may pass is never given up', async (t) => {
  for (const code of ['22021', '23505', '54000']) {
    t.same([isDeterministic(coded(code)), isRetryable(coded(code))], [true, false], code);
  }
  for (const code of ['40001', '53100', '25006', 'EPIPE']) {
    t.same([isDeterministic(coded(code)), isRetryable(coded(code))], [false, true], code);
  }
});
