import type { RouteScope } from './route-scope.ts';

/** The content types of a PATCH body: a merge patch (RFC 7396) is JSON, and most clients call it that. */
export const mergePatch = ['application/merge-patch+json', 'application/json'];

/** Lets the routes of a scope take bodies of the type application/merge-patch+json. */
export function acceptMergePatch(app: RouteScope): void {
  app.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
}
