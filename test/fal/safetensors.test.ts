import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { t } from '../support/tap.ts';
import { readSafetensorsHeader } from '../../src/fal/safetensors.ts';

const dir = t.testdir();

type Part = { dtype: string; shape: number[]; data_offsets: number[] };

const a: Part = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };
const b: Part = { dtype: 'BF16', shape: [3], data_offsets: [16, 22] };

function file(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

async function read(content: Buffer) {
  const path = join(dir, 'file.safetensors');
  await writeFile(path, content);
  return readSafetensorsHeader(path);
}

await t.test('a well-formed file', async (t) => {
  t.same(await read(file({ __metadata__: { format: 'pt' }, b, a }, 22)), {
    tensors: 2,
    dtypes: { F32: 1, BF16: 1 },
    metadata: { format: 'pt' },
  });
  t.same(
    await read(file(`${JSON.stringify({ a })}     `, 16)),
    { tensors: 1, dtypes: { F32: 1 }, metadata: {} },
    'padded',
  );
  t.match(await read(file({ s: { dtype: 'I64', shape: [], data_offsets: [0, 8] } }, 8)), { tensors: 1 }, 'a scalar');
  t.match(
    await read(file({ e: { dtype: 'F16', shape: [0, 4], data_offsets: [0, 0] }, a }, 16)),
    { tensors: 2 },
    'an empty one',
  );
  t.match(await read(file({ n: { dtype: 'F9_NEW', shape: [3], data_offsets: [0, 7] } }, 7)), { dtypes: { F9_NEW: 1 } });
});

await t.test('everything else is refused by name', async (t) => {
  const cases: [name: string, content: Buffer, message: RegExp][] = [
    ['an empty file', Buffer.alloc(0), /too short/],
    ['seven bytes', Buffer.alloc(7), /too short/],
    ['a page of HTML', Buffer.from('<!doctype html><html><body>not found</body></html>'), /longer than the file/],
    ['a length beyond 2^53', Buffer.alloc(64, 0xff), /longer than the file/],
    ['a length of nothing', Buffer.alloc(8), /not a JSON object/],
    ['no JSON', file('{"a":', 16), /not a JSON object/],
    ['a list', file('[]', 0), /not a JSON object/],
    ['leading space', file(' {}', 0), /not a JSON object/],
    ['no tensor', file({ __metadata__: {} }, 0), /no tensor/],
    ['data cut short', file({ a, b }, 21), /take 22 bytes, and the file holds 21/],
    ['data too long', file({ a, b }, 23), /take 22 bytes, and the file holds 23/],
    ['a hole', file({ a, b: { ...b, data_offsets: [18, 24] } }, 24), /"b" does not begin where/],
    ['an overlap', file({ a, b: { ...b, data_offsets: [10, 16] } }, 16), /"b" does not begin where/],
    ['a hole at the start', file({ a: { ...a, data_offsets: [4, 20] } }, 20), /"a" does not begin where/],
    ['an end before the start', file({ a: { ...a, data_offsets: [16, 0] } }, 16), /ends before it begins/],
    ['a length that is not the shape', file({ a: { ...a, shape: [2, 3] } }, 16), /not as long as its shape/],
    ['negative offsets', file({ a: { ...a, data_offsets: [-16, 0] } }, 16), /no offsets/],
    ['fractional offsets', file({ a: { ...a, data_offsets: [0, 16.5] } }, 16), /no offsets/],
    ['three offsets', file({ a: { ...a, data_offsets: [0, 8, 16] } }, 16), /no offsets/],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 16] } }, 16), /no shape/],
    ['no dtype', file({ a: { shape: [4], data_offsets: [0, 16] } }, 16), /no dtype/],
    ['a tensor that is null', file({ a: null }, 0), /no dtype/],
    ['metadata that is not text', file({ __metadata__: { n: 1 }, a }, 16), /metadata "n" is not text/],
    ['metadata that is a list', file({ __metadata__: [], a }, 16), /metadata is not an object/],
  ];
  for (const [name, content, message] of cases) {
    await t.rejects(read(content), { name: 'FalError', code: 'invalid_safetensors', message }, name);
  }
  const huge = Buffer.alloc(17 * 1024 * 1024, 0x20);
  huge.writeBigUInt64LE(BigInt(huge.length - 8));
  await t.rejects(read(huge), { code: 'invalid_safetensors', message: /longer than 16777216 bytes/ });
  await t.rejects(readSafetensorsHeader(join(dir, 'missing')), { code: 'ENOENT' });
});
