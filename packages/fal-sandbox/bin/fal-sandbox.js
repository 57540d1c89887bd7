#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read, so that they say what is missing and don't fail on TypeScript.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `The sandbox needs Node 24 or newer, and this is ${process.versions.node}: run it by npm (npm run fal-sandbox), ` +
      'which takes Node 24 from node_modules after `npm ci`, or install Node 24.\n',
  );
  process.exitCode = 1;
} else {
  await import('../src/main.ts');
}
