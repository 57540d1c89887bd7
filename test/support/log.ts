import { Writable } from 'node:stream';
import { createLogger } from '../../src/platform/log/logger.ts';

/** A log whose lines a test can read. */
export function readableLog(level = 'debug') {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { log: createLogger(level, destination), text: () => lines.join('') };
}
