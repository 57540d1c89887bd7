#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read, so that they say what is missing and don't fail on TypeScript.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Likeness needs Node 24 or newer, and this is ${process.versions.node}: run it by npm (npm start), ` +
      'which takes Node 24 from node_modules after `npm ci`, or install Node 24.\n',
  );
  process.exitCode = 1;
} else {
  const { enableCompileCache, flushCompileCache } = await import('node:module');
  enableCompileCache();
  await import('./quick-imports.js');
  const { main } = await import('../src/cli.ts');
  const exitCode = await main(process.argv.slice(2));
  process.exitCode = exitCode;
  // Node writes it when a process ends by itself; a service may be killed.
  flushCompileCache();
  // A command that is over has closed what it opened. Should anything be left, it keeps no process alive.
  if (exitCode !== undefined) setTimeout(() => process.exit(), 1000).unref();
}
