import type { FastifyInstance } from 'fastify';

/**
 * Records the methods of every route registered from now on.
 * @returns a function that gives the methods of a path, for Allow (RFC 9110 §10.2.1)
 */
export function noteMethods(app: FastifyInstance): (path: string) => string[] {
  const routes = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = routes.get(url) ?? new Set(['OPTIONS']);
    routes.set(url, methods);
    for (const one of [method].flat()) methods.add(one);
  });
  return (path) => {
    const parts = path.split('/');
    const found = [...routes].filter(([url]) => fits(url.split('/'), parts));
    return [...new Set(found.flatMap(([, methods]) => [...methods]))].sort();
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((one, index) => (one.startsWith(':') ? parts[index] !== '' : one === parts[index]))
  );
}
