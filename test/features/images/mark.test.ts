import fc from 'fast-check';
import sharp from 'sharp';
import { markJpeg } from '../../../src/features/images/mark-jpeg.ts';
import { markPng } from '../../../src/features/images/mark-png.ts';
import { scene, segment, talkativeJpeg, talkativePng } from './pictures.ts';
import { t } from '../../support/tap.ts';

const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';
const pixels = (bytes: Buffer) => sharp(bytes, { failOn: 'warning' }).raw().toBuffer();
const plain = await scene().jpeg().toBuffer();

t.test('of JFIF’s segment the thumbnail goes, and segments that only name themselves needed go', async (t) => {
  const thumbnail = Buffer.concat([
    Buffer.from('JFIF\0\x01\x02\x00\x00\x48\x00\x48\x02\x02', 'latin1'),
    Buffer.from('FACE-MARKER!'),
  ]);
  const rest = plain.subarray(2);
  const others = [
    segment(0xe0, 'JFXX\0\x10FACE-MARKER'),
    segment(0xe2, 'MPF\0FACE-MARKER'),
    segment(0xef, 'FACE-MARKER'),
  ];
  const bytes = Buffer.concat([plain.subarray(0, 2), segment(0xe0, thumbnail), ...others, rest]);
  t.ok((await pixels(bytes)).equals(await pixels(plain)), 'a decoder takes it');
  const marked = markJpeg(bytes, xmp);
  t.notOk(marked?.includes('FACE-MARKER'));
  t.ok(marked && (await pixels(marked)).equals(await pixels(plain)));
  t.match(marked?.subarray(2, 12).toString('latin1'), '\xff\xe0\x00\x10JFIF\0', 'it stands first, as readers demand');
});

t.test('segments between scans, fill bytes and restart markers are read', async (t) => {
  const progressive = await scene().jpeg({ progressive: true }).toBuffer();
  const second = progressive.indexOf(Buffer.from([0xff, 0xda]), progressive.indexOf(Buffer.from([0xff, 0xda])) + 2);
  const fill = Buffer.from([0xff, 0xff]);
  const bytes = Buffer.concat([
    progressive.subarray(0, second),
    segment(0xfe, 'MARKER'),
    fill,
    progressive.subarray(second),
  ]);
  const marked = markJpeg(bytes, xmp);
  t.notOk(marked?.includes('MARKER'));
  t.ok(marked && (await pixels(marked)).equals(await pixels(progressive)));
});

t.test('bytes that are no picture, or a part of one, are null and never an error', async (t) => {
  for (const [mark, whole] of [
    [markJpeg, await talkativeJpeg()],
    [markPng, await talkativePng()],
  ] as const) {
    const anywhere = fc.nat(whole.length - 1);
    fc.assert(
      fc.property(anywhere, fc.nat(255), anywhere, (at, byte, end) => {
        const bytes = Buffer.from(whole.subarray(0, end));
        if (at < bytes.length) bytes[at] = byte;
        const marked = mark(bytes, xmp);
        return marked === null || marked.includes(xmp);
      }),
      { numRuns: 500 },
    );
    t.equal(mark(Buffer.alloc(0), xmp), null);
    t.equal(mark(Buffer.from('<!doctype html>'), xmp), null);
  }
});

t.test('it costs what the file has in bytes, whatever stands in them', (t) => {
  const timeOf = (size: number) => {
    const scan = Buffer.alloc(size, Buffer.from([0xff, 0x00]));
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xda, 'scan'), scan, Buffer.from([0xff, 0xd9])]);
    const before = process.cpuUsage();
    for (let runs = 0; runs < 5; runs += 1) markJpeg(bytes, xmp);
    return process.cpuUsage(before).user;
  };
  timeOf(1_000_000);
  const ratio = timeOf(20_000_000) / timeOf(2_000_000);
  t.ok(ratio < 40, `ten times the bytes take ${ratio.toFixed(1)} times as long`);
  t.end();
});
