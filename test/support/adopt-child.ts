import { withConnection } from '../../src/platform/db/connect.ts';
import { adoptAt } from './adopt-points.ts';

/* Adopts a database and stops forever at the given point, so that it can be killed there. */

const [url = '', where = ''] = process.argv.slice(2);
let points = 0;

await withConnection(url, 'adopt child', (client) =>
  adoptAt(client, (point) => {
    points += 1;
    if (points !== Number(where)) return;
    process.stdout.write(`${point}\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }),
);
