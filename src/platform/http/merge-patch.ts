/** Content types of a PATCH body: a merge patch (RFC 7396), which most clients send as plain JSON. */
export const mergePatch = ['application/merge-patch+json', 'application/json'];
