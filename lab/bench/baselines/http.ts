import { createServer } from 'node:http';
import { createLog, port } from './log.ts';

/* Node's bare server with a constant response: the upper bound for HTTP on this machine. */

const log = createLog();
const answer = JSON.stringify({ id: '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55', name: 'Ada', padding: 'x'.repeat(240) });

createServer((request, response) => {
  const begun = performance.now();
  response.on('finish', () => {
    const { method, url } = request;
    log.info({ method, url, statusCode: 200, duration_ms: performance.now() - begun }, 'request completed');
  });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
}).listen(port, '127.0.0.1');
