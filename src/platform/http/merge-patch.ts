/** The content types of a PATCH body: a merge patch (RFC 7396) is JSON, and most clients call it that. */
export const mergePatch = ['application/merge-patch+json', 'application/json'];
