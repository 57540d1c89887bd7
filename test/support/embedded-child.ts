import { startEmbedded } from '@likeness/embedded-postgres/index.ts';

// Starts or adopts the cluster in a folder, prints it as a line of JSON, and runs until it is killed.
const { url, owner, pid } = await startEmbedded({ dir: process.argv[2] ?? '', database: 'likeness' });
process.stdout.write(`${JSON.stringify({ url, owner, pid })}\n`);
setInterval(() => undefined, 60_000);
