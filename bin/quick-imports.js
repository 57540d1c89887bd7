import { registerHooks } from 'node:module';

/*
 * Shortens the start of a process to half. For each file `*.js` of a package, and for each import of a package by name,
 * Node reads the package.json anew and parses its exports; that of drizzle-orm has 180 KB, and its hundred files and the
 * forty of ours that use it made this most of the start. docs/decisions/0011-… has the figures.
 */

// Packages of ES modules alone that name their own files in full.
const plainPackage = /\/node_modules\/(drizzle-orm|typebox)\//;
const resolved = new Map();

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '', conditions } = context;
    const isRelative = specifier.startsWith('.');
    if (isRelative && plainPackage.test(parentURL)) {
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    }
    if (isRelative && specifier.endsWith('.ts') && !parentURL.includes('/node_modules/')) {
      return { url: new URL(specifier, parentURL).href, format: 'module-typescript', shortCircuit: true };
    }
    if (isRelative || parentURL.includes('/node_modules/') || conditions.includes('require')) {
      return next(specifier, context);
    }
    // To every file of this project a package's name means the same.
    const found = resolved.get(specifier) ?? next(specifier, context);
    resolved.set(specifier, found);
    return { ...found, shortCircuit: true };
  },
});
