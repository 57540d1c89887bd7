import { startEmbedded } from '@likeness/embedded-postgres/index.ts';

// Starts or adopts the cluster in the folder given, says so in one line of JSON, and stays until it is killed.
const { url, owner, pid } = await startEmbedded({ dir: process.argv[2] ?? '', database: 'likeness' });
process.stdout.write(`${JSON.stringify({ url, owner, pid })}\n`);
setInterval(() => undefined, 60_000);
