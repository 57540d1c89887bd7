/* Made from openapi/openapi.json by `npm run openapi`. */

export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read this description */
        get: operations["getOpenapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the metrics of this process
         * @description In the text form of Prometheus. Keep it from the public: it needs no key.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask whether the process is alive */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the process can do its work
         * @description Writes to the database, looks for the object store, for wake-ups and for the numbering of events, and writes a temporary file, with two seconds of patience for each. `errors` names what is not ready.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/artifacts/{id}/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a file by a signed link */
        get: operations["getLinkedArtifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make or find a user
         * @description Finds the user by `external_id` or `telegram_id` and stores what else is given, or makes the user.
         */
        post: operations["upsertUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a user */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /**
         * Delete a user
         * @description Deletes the user with all avatars, photos and trained weights. The record of what trainings cost stays, without the person.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change a user
         * @description A JSON merge patch: null empties a field, what is left out stays. With a user token only the profile changes: ids and flags take a key.
         */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/v1/users/{id}/main-avatar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Choose the main avatar
         * @description A user has one main avatar at most; it comes first in their list.
         */
        put: operations["setMainAvatar"];
        post?: never;
        /** Have no main avatar */
        delete: operations["unsetMainAvatar"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List avatars
         * @description Newest first; with `user_id`, the main avatar of the user comes before them.
         */
        get: operations["listAvatars"];
        put?: never;
        /**
         * Make an avatar
         * @description A draft without photos. Its training type decides how many photos it needs, and never changes.
         */
        post: operations["createAvatar"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an avatar
         * @description With `If-None-Match`, 304 when it is still what the ETag names.
         */
        get: operations["getAvatar"];
        put?: never;
        post?: never;
        /**
         * Delete an avatar
         * @description With its photos and trained weights. The record of what its trainings cost stays.
         */
        delete: operations["deleteAvatar"];
        options?: never;
        head?: never;
        /**
         * Change an avatar
         * @description A JSON merge patch. The training type never changes; `fal_priority` takes a key.
         */
        patch: operations["updateAvatar"];
        trace?: never;
    };
    "/v1/users/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the draft of a user
         * @description The newest avatar that is still being prepared and that nothing was ever trained for; 404 without one.
         */
        get: operations["getDraft"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the photos of an avatar
         * @description In the order of their upload.
         */
        get: operations["listPhotos"];
        put?: never;
        /**
         * Add photos to an avatar
         * @description Each file is judged by itself: one that can’t be used is rejected with a code, and the others are added. When none is added the answer is 422 with the same members; 429 or 503 when they may be taken later. What is stored is upright, opaque and bears no metadata.
         */
        post: operations["addPhotos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/photos/{photo_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a photo
         * @description As it is stored: upright, without metadata.
         */
        get: operations["getPhotoContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/photos/{photo_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what is known of a photo */
        get: operations["getPhoto"];
        put?: never;
        post?: never;
        /**
         * Delete a photo
         * @description The counter and the status of the avatar follow; what a training has made stays.
         */
        delete: operations["deletePhoto"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List trainers
         * @description Every trainer with its settings, their ranges and defaults, its presets, photo limits and price; retired ones last.
         */
        get: operations["listTrainers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/trainings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the trainings of an avatar
         * @description Newest attempt first.
         */
        get: operations["listAvatarTrainings"];
        put?: never;
        /**
         * Start a training
         * @description Checks photos and settings, and queues the training. It is paid when fal has made the artifact.
         */
        post: operations["startTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List trainings
         * @description Newest first.
         */
        get: operations["listTrainings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a training */
        get: operations["getTraining"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the log of a training
         * @description Lines by cursor: ask again with `next_after` while the training runs.
         */
        get: operations["listTrainingLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a training to stop
         * @description Free and at once before it has reached fal; afterwards fal decides, and a result that comes all the same is kept.
         */
        post: operations["cancelTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repeat a training that failed or was cancelled
         * @description A new attempt with the same settings and the same photos.
         */
        post: operations["retryTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}/accept-late-result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up a result that came too late
         * @description For a training that failed or was cancelled and that fal finished all the same.
         */
        post: operations["acceptLateResult"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}/artifacts/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a file of a training
         * @description `lora` is the safetensors file, `config` its JSON. A download that was cut off goes on by `Range`, with the ETag as `If-Range`.
         */
        get: operations["getArtifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings/{id}/artifacts/{kind}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link to a file of a training
         * @description The link needs no key: for fal (as the `path` of a LoRA) or a browser. It expires when asked to, with the key or token that makes it at the latest, and ends when the key, or the one that minted the token, is revoked.
         */
        post: operations["linkArtifact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List events
         * @description Oldest first. Keep `next_after` and ask again: nothing is left out, not even an event whose transaction was slow.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow events
         * @description Server-sent events: `id` is the sequence, `event` the type, `data` the event. Come back with the last `id` in `Last-Event-ID`, as EventSource does by itself, and nothing is missing and nothing comes twice. A reader that is too slow is ended and may come back, and one caller has 20 streams at once on each instance, unless the operator says otherwise. The key goes into the header, never into the URL.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook endpoints
         * @description Newest first. Without the scope `admin`, URLs are shown without path and query.
         */
        get: operations["listWebhookEndpoints"];
        put?: never;
        /**
         * Make a webhook endpoint
         * @description Events are posted to it from now on, signed as Standard Webhooks says. The answer shows the secret, once.
         */
        post: operations["createWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a webhook endpoint
         * @description Without the scope `admin`, its URL is shown without path and query.
         */
        get: operations["getWebhookEndpoint"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description With the record of its deliveries.
         */
        delete: operations["deleteWebhookEndpoint"];
        options?: never;
        head?: never;
        /**
         * Change a webhook endpoint
         * @description A JSON merge patch. Disabling it ends what waits for it.
         */
        patch: operations["updateWebhookEndpoint"];
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the secret of a webhook endpoint
         * @description The answer shows the new one, once. For a day webhooks bear a signature by each of the two.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/ping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a webhook endpoint
         * @description Sends it an `endpoint.ping`, whatever its filter. What comes of it is among its deliveries.
         */
        post: operations["pingWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deliveries to a webhook endpoint
         * @description Newest first, each with every attempt.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/deliveries/{delivery_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver one event again
         * @description Whatever came of it before. It is the same event with the same `webhook-id`.
         */
        post: operations["redeliverWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver all events since a time again
         * @description All that are kept and pass the filter: delivered, given up, or missed while the endpoint was disabled.
         */
        post: operations["redeliverWebhooksSince"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description Newest first; those that were revoked or have expired too.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Make an API key
         * @description The answer shows the key once; only its hash is kept.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what is known of an API key */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Every instance refuses it, and the user tokens it minted, within a second. What it was stays on record.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace an API key by a new one
         * @description The new key has the name, the scopes and the length of life of the old one, which goes on to work for the overlap. To limits and to Idempotency-Key the two are one caller. The answer shows the new key once.
         */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mint a token for one user
         * @description For a browser or a web app that calls this API itself: whoever bears the token reaches what belongs to that user, and to everybody else’s resources gets the same 404 as to none. It ends when its time is over, when the key that minted it is revoked, and when the user is deleted.
         */
        post: operations["createUserToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    event: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An event, sent to a webhook endpoint
         * @description Signed as Standard Webhooks says; verify it with any library of that name. Answer 2xx within 15 seconds. Any other answer is followed by further attempts over three days; 410 disables the endpoint, and `Retry-After` is heeded. An event may come more than once, always with the same `webhook-id`, and before one that happened earlier: `data.sequence` is the order.
         */
        post: operations["receiveEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description A problem document (RFC 9457). */
        Problem: {
            type: string;
            title: string;
            status: number;
            /**
             * @description Stable; made for programs. Later versions may add some.
             * @enum {string}
             */
            code: "invalid-request" | "invalid-cursor" | "unauthorized" | "invalid-signature" | "missing-scope" | "user-blocked" | "key-needed" | "not-found" | "method-not-allowed" | "request-timeout" | "user-exists" | "training-running" | "in-use" | "quota-exceeded" | "too-few-photos" | "too-many-photos" | "photos-changed" | "invalid-state" | "idempotency-in-progress" | "idempotency-secret" | "artifact-unavailable" | "precondition-failed" | "payload-too-large" | "unsupported-media-type" | "range-not-satisfiable" | "expectation-failed" | "idempotency-mismatch" | "invalid-setting" | "trainer-retired" | "photos-rejected" | "precondition-required" | "queue-full" | "submission-limit-reached" | "invalid-endpoint-url" | "unknown-event-type" | "too-many-streams" | "rate-limited" | "internal-error" | "no-signing-keys" | "storage-unavailable" | "database-unavailable" | "overloaded" | "not-ready";
            /** @description What is wrong this time and what to do; made for people. */
            detail: string;
            request_id?: string;
            errors?: {
                field: string;
                code: string;
                detail: string;
            }[];
        } & {
            [key: string]: unknown;
        };
        /** @description Something that happened. Which members `data` has is said by `type`; later versions may add some. */
        Event: {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "user.created";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A user was made. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "user.updated";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A user was changed; the main avatar counts. */
            data: {
                /** @description The members that have another value now. */
                changed: string[];
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "user.deleted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A user was deleted, with avatars and photos. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "avatar.created";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description An avatar was made. */
            data: {
                /** @enum {string} */
                status: "draft" | "uploading" | "ready" | "training" | "completed" | "error" | "cancelled";
                /** @enum {string|null} */
                training_type: "portrait" | "style" | "object" | null;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "avatar.updated";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description An avatar was changed by a client. */
            data: {
                /** @description The members that have another value now. */
                changed: string[];
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "avatar.deleted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description An avatar was deleted, with photos and trained weights. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "photo.added";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A photo passed the checks and was added. */
            data: {
                width: number | null;
                height: number | null;
                format: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "photo.rejected";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description Files were refused as photos while others of the same request were added. */
            data: {
                /** @description Always null, since names of files say who is on them. */
                filename: string | null;
                /** @description Of the first that was refused; made for programs. */
                code: string;
                /** @description Of the first that was refused; made for people. */
                detail: string;
                /** @description How many were refused, by code; events of earlier versions are of one file each and lack it. */
                counts?: {
                    [key: string]: number;
                };
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "photo.deleted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A photo was deleted. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.queued";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A training was asked for, or was not taken by fal, and waits for its turn. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /** Format: uuid */
                retry_of?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.preparing";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description The archive of photos is built. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.submitting";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description The archive is at fal, and the one request that may cost money is made next. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.submitted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal has taken the training. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.blocked";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal lets no training in now; it waits, unpaid. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /** @description Why. */
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.submit_unknown";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description Whether fal took the training is being found out. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /** @description Why. */
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.needs_attention";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description It could not be found out; an operator is asked. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.started";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal has begun. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                step: number | null;
                total_steps: number | null;
                eta_seconds: number | null;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.progress";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description It went on by five percent or more; smaller steps are left out. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                step: number | null;
                total_steps: number | null;
                eta_seconds: number | null;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.cancel_requested";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description Somebody asked to stop it; fal’s answer decides. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.verifying";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal has finished; the weights are fetched and checked. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.succeeded";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description The weights are verified and stored. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.failed";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description It failed; `error` says why. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                error: {
                    /** @description Made for programs. */
                    code: string;
                    /** @description Made for people. */
                    message: string;
                    /** @description What fal said, where it said anything. */
                    detail: unknown;
                    /** @description Whether the same training may succeed when it is started again. */
                    retryable: boolean;
                    provider_request_id: string | null;
                };
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.cancelled";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description It was stopped. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.late_result_reported";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal succeeded after the training had ended; the weights are fetched. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.late_result";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description The late weights are verified and stored. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "training.late_result_accepted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description The late weights were taken up: the training has succeeded. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Counts the trainings of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when no real trainer is behind it. */
                sandbox: boolean;
                /** @description Once fal has taken the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "provider.blocked";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal lets no training in; all wait. */
            data: {
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "provider.recovered";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description fal lets trainings in again. */
            data: {
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "endpoint.ping";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description Somebody tries a webhook endpoint. It is delivered to that endpoint alone. */
            data: {
                /** Format: uuid */
                endpoint_id: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Rises with every event; what `after` takes. */
            sequence: number;
            /** @enum {string} */
            type: "endpoint.disabled";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The request that caused it. */
            request_id: string | null;
            /** @description A webhook endpoint answered 410, or failed for too long, and gets nothing more. */
            data: {
                /** Format: uuid */
                endpoint_id: string;
                /** @enum {string} */
                reason: "by-request" | "gone" | "failing";
                /** Format: date-time */
                failing_since: string | null;
            };
        };
        User: {
            /** Format: uuid */
            id: string;
            /** @description Your own id for the person. */
            external_id: string | null;
            /** @description The id of the person at Telegram, as a string. */
            telegram_id: string | null;
            /** @description Empty when it was never given. */
            first_name: string;
            last_name: string | null;
            username: string | null;
            language_code: string;
            timezone: string | null;
            is_premium: boolean;
            is_bot: boolean;
            is_blocked: boolean;
            /** Format: uuid */
            main_avatar_id: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        UserToken: {
            /** @description Send it as `Authorization: Bearer …`. Shown once, and kept nowhere. */
            token: string;
            /** Format: uuid */
            user_id: string;
            scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read")[];
            /** Format: date-time */
            expires_at: string;
        };
        Avatar: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            user_id: string;
            name: string;
            /** @enum {string} */
            gender: "male" | "female" | "other";
            /** @enum {string} */
            avatar_type: "character" | "style" | "custom";
            /** @enum {string} */
            status: "draft" | "uploading" | "ready" | "training" | "completed" | "error" | "cancelled";
            /** @description Of a trainer that fal has ended. */
            finetune_id: string | null;
            /** @description Percent, of the latest training. */
            training_progress: number;
            /** Format: date-time */
            training_started_at: string | null;
            /** Format: date-time */
            training_completed_at: string | null;
            fal_mode: string;
            fal_iterations: number;
            /** @enum {string} */
            fal_priority: "normal" | "high";
            trigger_word: string;
            lora_rank: number;
            /** @description Free data of the earlier system. */
            avatar_data: unknown;
            training_config: unknown;
            photos_count: number;
            generations_count: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description True exactly while status is draft. */
            is_draft: boolean;
            /**
             * @description Selects the trainers that can be used; it never changes.
             * @enum {string|null}
             */
            training_type: "portrait" | "style" | "object" | null;
            fal_request_id: string | null;
            learning_rate: number | null;
            trigger_phrase: string | null;
            steps: number | null;
            multiresolution_training: boolean | null;
            subject_crop: boolean | null;
            create_masks: boolean | null;
            captioning: boolean | null;
            /** @enum {string|null} */
            finetune_type: "lora" | "dreambooth" | null;
            finetune_comment: string | null;
            /** @description At fal; our own copy is an artifact of the training. */
            diffusers_lora_file_url: string | null;
            config_file_url: string | null;
            training_error: string | null;
            webhook_url: string | null;
            /** Format: date-time */
            last_status_check: string | null;
            /** @description Whether the trained weights were fetched, checked and stored. */
            artifact_verified: boolean;
            /** @description True when no real trainer is behind it. */
            sandbox: boolean;
            /** Format: uuid */
            latest_training_id: string | null;
            /** @description Whether it is its owner’s main avatar. */
            is_main: boolean;
            /** @description Of the latest training. */
            training_logs: string | null;
            /** @description What fal answered last, as it was; null when it has not yet. */
            fal_response_data: unknown;
        };
        /** @description An avatar without the two members that have no limit to their size, training_logs and fal_response_data. */
        AvatarSummary: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            user_id: string;
            name: string;
            /** @enum {string} */
            gender: "male" | "female" | "other";
            /** @enum {string} */
            avatar_type: "character" | "style" | "custom";
            /** @enum {string} */
            status: "draft" | "uploading" | "ready" | "training" | "completed" | "error" | "cancelled";
            /** @description Of a trainer that fal has ended. */
            finetune_id: string | null;
            /** @description Percent, of the latest training. */
            training_progress: number;
            /** Format: date-time */
            training_started_at: string | null;
            /** Format: date-time */
            training_completed_at: string | null;
            fal_mode: string;
            fal_iterations: number;
            /** @enum {string} */
            fal_priority: "normal" | "high";
            trigger_word: string;
            lora_rank: number;
            /** @description Free data of the earlier system. */
            avatar_data: unknown;
            training_config: unknown;
            photos_count: number;
            generations_count: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description True exactly while status is draft. */
            is_draft: boolean;
            /**
             * @description Selects the trainers that can be used; it never changes.
             * @enum {string|null}
             */
            training_type: "portrait" | "style" | "object" | null;
            fal_request_id: string | null;
            learning_rate: number | null;
            trigger_phrase: string | null;
            steps: number | null;
            multiresolution_training: boolean | null;
            subject_crop: boolean | null;
            create_masks: boolean | null;
            captioning: boolean | null;
            /** @enum {string|null} */
            finetune_type: "lora" | "dreambooth" | null;
            finetune_comment: string | null;
            /** @description At fal; our own copy is an artifact of the training. */
            diffusers_lora_file_url: string | null;
            config_file_url: string | null;
            training_error: string | null;
            webhook_url: string | null;
            /** Format: date-time */
            last_status_check: string | null;
            /** @description Whether the trained weights were fetched, checked and stored. */
            artifact_verified: boolean;
            /** @description True when no real trainer is behind it. */
            sandbox: boolean;
            /** Format: uuid */
            latest_training_id: string | null;
            /** @description Whether it is its owner’s main avatar. */
            is_main: boolean;
        };
        Photo: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            avatar_id: string;
            /** Format: uuid */
            user_id: string;
            /** @description SHA-256 of the file as it was sent; MD5 for photos of the earlier system. */
            file_hash: string;
            /** @description The order in which photos are trained and listed. */
            upload_order: number;
            /** @enum {string} */
            validation_status: "pending" | "valid" | "invalid" | "duplicate";
            /** @description Bytes of the file as it was sent. */
            file_size: number;
            /** @description Pixels, upright. */
            width: number | null;
            height: number | null;
            format: string;
            /** @description Null: nobody has looked for one. */
            has_face: boolean | null;
            quality_score: number | null;
            validation_error: string | null;
            /** @description original_filename, and stored_sha256 and stored_size of the photo as …/content serves it. */
            photo_metadata: unknown;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            validated_at: string | null;
            order: number;
        };
        RejectedPhoto: {
            filename: string | null;
            /**
             * @description Made for programs.
             * @enum {string}
             */
            code: "empty" | "too-large" | "unsupported-format" | "animated" | "damaged" | "too-small" | "too-many-pixels" | "too-narrow" | "too-complex" | "featureless" | "duplicate" | "limit-reached" | "quota-exceeded" | "rate-limited" | "overloaded";
            /** @description What is wrong with the file and what to do; made for people. */
            detail: string;
        };
        Trainer: {
            name: string;
            /** @description The endpoint at fal. */
            endpoint: string;
            /** @enum {string} */
            status: "active" | "retired";
            description: string;
            training_types: ("portrait" | "style" | "object")[];
            settings: {
                name: string;
                /** @enum {string} */
                type: "integer" | "number" | "boolean" | "string";
                minimum: number | null;
                maximum: number | null;
                max_length: number | null;
                /** @description Null where the avatar supplies it. */
                default: string | number | boolean | null;
                training_types: ("portrait" | "style" | "object")[];
                description: string;
            }[];
            photos: {
                minimum: number;
                maximum: number;
            } | null;
            presets: {
                [key: string]: {
                    [key: string]: string | number | boolean;
                };
            } | null;
            /** @enum {string|null} */
            default_preset: "fast" | "balanced" | "quality" | null;
            price_per_step_usd: number | null;
            price_note: string | null;
            /** @description A job that runs longer is given up. */
            longest_run_seconds: number | null;
            retired_reason: string | null;
        };
        Training: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            user_id: string | null;
            /** @description Counts the trainings of one avatar. */
            attempt: number;
            /** Format: uuid */
            retry_of: string | null;
            /** @enum {string} */
            training_type: "portrait" | "style" | "object";
            trainer: string;
            endpoint: string;
            /** @enum {string} */
            status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
            /** @description True for what the sandbox made: nothing was paid, and the LoRA is none. */
            sandbox: boolean;
            /** @enum {string} */
            fal_priority: "normal" | "high";
            settings: {
                [key: string]: string | number | boolean | null;
            };
            /** @description The photos it is made from, in their order. */
            photos: {
                /** Format: uuid */
                id: string;
                /** @description SHA-256, lower-case hex. */
                sha256: string | null;
            }[];
            estimated_cost_usd: number;
            /** @enum {string|null} */
            charged: "no" | "yes" | "unknown" | null;
            fal_request_id: string | null;
            gateway_request_id: string | null;
            /** @description Without the token that fal was given with it. */
            webhook_url: string | null;
            /** @description How many times it was sent to fal; each time fal had refused the one before. */
            submissions: number;
            /** @description Percent; 100 only with a verified artifact. */
            progress: number;
            step: number | null;
            total_steps: number | null;
            loss: number | null;
            eta_seconds: number | null;
            error: {
                /** @description One of invalid-input, invalid-archive, invalid-photo, no-face-found, content-policy, archive-unreachable, unsupported-feature, provider-refused, provider-error, provider-timeout, provider-start-timeout, provider-cancelled, provider-blocked, queue-timeout, no-artifact, result-expired, artifact-invalid, artifact-unavailable, deadline-exceeded, submit-unresolved, photos-missing, preparation-failed, answer-unusable. */
                code: string;
                /** @description Made for people. */
                message: string;
                /** @description What fal said, as it said it. */
                detail: unknown;
                /** @description Whether the same training may well succeed when it is started again unchanged. */
                retryable: boolean;
                /**
                 * @description Whether fal bills it.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                provider_request_id: string | null;
            } | null;
            /**
             * @description How the end was learned: from the signed webhook of fal, or by asking.
             * @enum {string|null}
             */
            result_source: "webhook" | "poll" | null;
            /** @description Files that were fetched, verified and stored; GET …/artifacts/lora and …/artifacts/config serve them. */
            artifacts: {
                lora: {
                    /** @description Bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                };
                config: {
                    /** @description Bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                };
            } | null;
            /** @description Files that were fetched, verified and stored; GET …/artifacts/lora and …/artifacts/config serve them. */
            late_artifacts: {
                lora: {
                    /** @description Bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                };
                config: {
                    /** @description Bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                };
            } | null;
            /** @description Why fal lets it not in now; it waits. */
            blocked_reason: string | null;
            /** Format: date-time */
            blocked_at: string | null;
            /** Format: date-time */
            submit_unknown_at: string | null;
            /** Format: date-time */
            needs_attention_at: string | null;
            /** Format: date-time */
            cancel_requested_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            submitted_at: string | null;
            /** Format: date-time */
            accepted_at: string | null;
            /** Format: date-time */
            started_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            /** Format: date-time */
            last_status_check: string | null;
            /** Format: date-time */
            deadline_at: string;
        };
        TrainingPlan: {
            /** @enum {boolean} */
            dry_run: true;
            trainer: string;
            endpoint: string;
            /** @enum {string} */
            training_type: "portrait" | "style" | "object";
            settings: {
                [key: string]: string | number | boolean | null;
            };
            photos_count: number;
            estimated_cost_usd: number;
            sandbox: boolean;
        };
        LogLine: {
            index: number;
            message: string;
            timestamp: string | null;
            level: string | null;
        };
        ArtifactLink: {
            url: string;
            /** Format: date-time */
            expires_at: string;
        };
        WebhookEndpoint: {
            /** Format: uuid */
            id: string;
            /** @description Of its path and query, which may hold secrets, keys without the scope `admin` see `/…`. */
            url: string;
            description: string | null;
            event_types: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[] | null;
            /** @enum {string} */
            status: "enabled" | "disabled";
            /**
             * @description `gone`: it answered 410. `failing`: it failed for too long.
             * @enum {string|null}
             */
            disabled_reason: "by-request" | "gone" | "failing" | null;
            /**
             * Format: date-time
             * @description Since when every attempt has failed.
             */
            failing_since: string | null;
            /**
             * Format: date-time
             * @description Until then webhooks are signed with the replaced secret too.
             */
            previous_secret_expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        WebhookDelivery: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            endpoint_id: string;
            /**
             * Format: uuid
             * @description The `webhook-id` of every attempt.
             */
            event_id: string;
            /** @enum {string} */
            event_type: "user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            attempts: {
                /** @description One that is missing was cut short by a crash. */
                number: number;
                /** Format: date-time */
                attempted_at: string;
                latency_ms: number;
                response_status: number | null;
                /** @description Its first kilobyte; null for keys without the scope `admin`. */
                response_body: string | null;
                /** @description Why no answer came. */
                error: string | null;
            }[];
            /** Format: date-time */
            next_attempt_at: string | null;
            /** Format: date-time */
            give_up_at: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            ended_at: string | null;
        };
        Key: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description How the key begins, to tell it from others. */
            prefix: string;
            scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin")[];
            /** @enum {string} */
            status: "active" | "expired" | "revoked";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description To the minute.
             */
            last_used_at: string | null;
            /** Format: date-time */
            revoked_at: string | null;
            /**
             * Format: uuid
             * @description The key that took its place by rotation.
             */
            replaced_by: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getOpenapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "alive";
                    };
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready";
                    };
                };
            };
        };
    };
    getLinkedArtifact: {
        parameters: {
            query: {
                expires: number;
                key: string;
                signature: string;
            };
            header?: never;
            path: {
                id: string;
                kind: "lora" | "config";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file; JSON for the kind `config`. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/json": unknown;
                };
            };
            /** @description The part that Range asks for. */
            206: {
                headers: {
                    /** @description Which bytes these are, and of how many. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/json": unknown;
                };
            };
        };
    };
    upsertUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description At least one of `external_id` and `telegram_id`; what else is given is stored, found or made. */
        requestBody: {
            content: {
                "application/json": {
                    /** @description Your own id for the person. */
                    external_id?: string;
                    /**
                     * Format: int64
                     * @description The id of the person at Telegram, as a string.
                     */
                    telegram_id?: string;
                    first_name?: string;
                    last_name?: string | null;
                    username?: string | null;
                    language_code?: string;
                    timezone?: string | null;
                    is_premium?: boolean;
                    is_bot?: boolean;
                    is_blocked?: boolean;
                };
            };
        };
        responses: {
            /** @description The user was there already. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The user was made. */
            201: {
                headers: {
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": {
                    /** @description Your own id for the person. */
                    external_id?: string | null;
                    /**
                     * Format: int64
                     * @description The id of the person at Telegram, as a string.
                     */
                    telegram_id?: string | null;
                    first_name?: string;
                    last_name?: string | null;
                    username?: string | null;
                    language_code?: string;
                    timezone?: string | null;
                    is_premium?: boolean;
                    is_bot?: boolean;
                    is_blocked?: boolean;
                };
                "application/json": {
                    /** @description Your own id for the person. */
                    external_id?: string | null;
                    /**
                     * Format: int64
                     * @description The id of the person at Telegram, as a string.
                     */
                    telegram_id?: string | null;
                    first_name?: string;
                    last_name?: string | null;
                    username?: string | null;
                    language_code?: string;
                    timezone?: string | null;
                    is_premium?: boolean;
                    is_bot?: boolean;
                    is_blocked?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    setMainAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    avatar_id: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    unsetMainAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listAvatars: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                user_id?: string;
                /** @description Any of these; repeat it. */
                status?: ("draft" | "uploading" | "ready" | "training" | "completed" | "error" | "cancelled")[];
                training_type?: "portrait" | "style" | "object";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AvatarSummary"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                        /** @description How many items pass the same filters; with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    createAvatar: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    user_id: string;
                    /** @description Any script; spaces around it are dropped. */
                    name: string;
                    /** @enum {string} */
                    gender: "male" | "female" | "other";
                    /**
                     * @description Selects the trainers that can be used; it never changes.
                     * @enum {string}
                     */
                    training_type: "portrait" | "style" | "object";
                    /**
                     * @default character
                     * @enum {string}
                     */
                    avatar_type?: "character" | "style" | "custom";
                    /** @description Stands for the subject in prompts, unless a training names another phrase. */
                    trigger_word?: string;
                };
            };
        };
        responses: {
            /** @description The avatar was made. */
            201: {
                headers: {
                    /** @description Where the new resource is. */
                    Location?: string;
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
        };
    };
    getAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The avatar. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
        };
    };
    deleteAvatar: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: change the avatar only if it is still that. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateAvatar: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: change the avatar only if it is still that. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": {
                    /** @description Any script; spaces around it are dropped. */
                    name?: string;
                    /** @enum {string} */
                    gender?: "male" | "female" | "other";
                    /** @enum {string} */
                    avatar_type?: "character" | "style" | "custom";
                    /** @description Stands for the subject in prompts, unless a training names another phrase. */
                    trigger_word?: string;
                    /**
                     * @description For trainings that name none.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                };
                "application/json": {
                    /** @description Any script; spaces around it are dropped. */
                    name?: string;
                    /** @enum {string} */
                    gender?: "male" | "female" | "other";
                    /** @enum {string} */
                    avatar_type?: "character" | "style" | "custom";
                    /** @description Stands for the subject in prompts, unless a training names another phrase. */
                    trigger_word?: string;
                    /**
                     * @description For trainings that name none.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                };
            };
        };
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
        };
    };
    getDraft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The avatar. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
        };
    };
    listPhotos: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Photo"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                        /** @description How many items pass the same filters; with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    addPhotos: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description 1 to 20 file parts of any name, with JPEG, PNG or WebP content, each up to 20 MB and 24 megapixels, the shorter side of 512 pixels or more, the longer one of 3 times that at most. */
        requestBody: {
            content: {
                "multipart/form-data": {
                    photos: string[];
                };
            };
        };
        responses: {
            /** @description One photo at least was added. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accepted: components["schemas"]["Photo"][];
                        rejected: components["schemas"]["RejectedPhoto"][];
                    };
                };
            };
        };
    };
    getPhotoContent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                    "image/webp": string;
                };
            };
            /** @description The part that Range asks for. */
            206: {
                headers: {
                    /** @description Which bytes these are, and of how many. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                    "image/webp": string;
                };
            };
        };
    };
    getPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Photo"];
                };
            };
        };
    };
    deletePhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listTrainers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Trainer"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listAvatarTrainings: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Training"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                        /** @description How many items pass the same filters; with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    startTraining: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description A bundle of settings of the trainer; settings beside it win. `balanced` when left out.
                     * @enum {string}
                     */
                    preset?: "fast" | "balanced" | "quality";
                    /** @description How many steps to train; the price is per step. */
                    steps?: number;
                    /** @description For styles and objects, asking for it chooses `turbo`. */
                    learning_rate?: number;
                    /** @description The words that stand for the subject in prompts; the avatar’s trigger word when left out. */
                    trigger_phrase?: string;
                    /** @description Portraits only. */
                    multiresolution_training?: boolean;
                    /** @description Portraits only. */
                    subject_crop?: boolean;
                    /** @description Portraits, and objects without a learning rate. */
                    create_masks?: boolean;
                    /** @description Known only to a trainer that fal has ended. */
                    captioning?: boolean;
                    /**
                     * @description Every trainer makes a LoRA; `dreambooth` is refused: fal has ended it.
                     * @enum {string}
                     */
                    finetune_type?: "lora" | "dreambooth";
                    /** @description Known only to a trainer that fal has ended. */
                    finetune_comment?: string;
                    /**
                     * @description Orders our own dispatch; fal always gets normal. The avatar’s when left out.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                    /**
                     * @description Checks everything and answers what would be sent and what it would cost; starts nothing.
                     * @default false
                     */
                    dry_run?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingPlan"];
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
        };
    };
    listTrainings: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                status?: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                avatar_id?: string;
                user_id?: string;
                /** @description Only those whose submission a person has to settle. */
                needs_attention?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Training"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                        /** @description How many items pass the same filters; with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    getTraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
        };
    };
    listTrainingLogs: {
        parameters: {
            query?: {
                /** @description `next_after` of the page before; 0 for the beginning. */
                after?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LogLine"][];
                        /** @description Ask with it as `after` for what comes next, now or later. */
                        next_after: number;
                        /** @description No line will be added any more. */
                        is_complete: boolean;
                    };
                };
            };
        };
    };
    cancelTraining: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
        };
    };
    retryTraining: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
        };
    };
    acceptLateResult: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Training"];
                };
            };
        };
    };
    getArtifact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                kind: "lora" | "config";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file; JSON for the kind `config`. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/json": unknown;
                };
            };
            /** @description The part that Range asks for. */
            206: {
                headers: {
                    /** @description Which bytes these are, and of how many. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/json": unknown;
                };
            };
        };
    };
    linkArtifact: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
                kind: "lora" | "config";
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Seconds the link lives.
                     * @default 3600
                     */
                    expires_in?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ArtifactLink"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description `next_after` of the page before; 0 for the oldest that are kept. */
                after?: number;
                limit?: number;
                /** @description Only these; may stand several times. */
                type?: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[];
                user_id?: string;
                avatar_id?: string;
                training_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        /** @description Ask with it as `after` for what comes next, now or later. */
                        next_after: number;
                    };
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Begins after this event; 0 for the oldest that are kept. Without it, with what happens from now on. */
                after?: number;
                /** @description Only these; may stand several times. */
                type?: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[];
                user_id?: string;
                avatar_id?: string;
                training_id?: string;
            };
            header?: {
                /** @description The `id` that arrived last, as EventSource sends it to go on from there; it goes before `after`. Empty is none. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Frames of events, with a heartbeat between them when nothing happens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listWebhookEndpoints: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookEndpoint"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description https:// and public, unless the operator allows others. Redirects are not followed. */
                    url: string;
                    /** @description For people. */
                    description?: string | null;
                    /** @description Only these types of events; null for all, also those of later versions. */
                    event_types?: string[] | null;
                };
            };
        };
        responses: {
            /** @description The endpoint was made. */
            201: {
                headers: {
                    /** @description Where the new resource is. */
                    Location?: string;
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** @description Of its path and query, which may hold secrets, keys without the scope `admin` see `/…`. */
                        url: string;
                        description: string | null;
                        event_types: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[] | null;
                        /** @enum {string} */
                        status: "enabled" | "disabled";
                        /**
                         * @description `gone`: it answered 410. `failing`: it failed for too long.
                         * @enum {string|null}
                         */
                        disabled_reason: "by-request" | "gone" | "failing" | null;
                        /**
                         * Format: date-time
                         * @description Since when every attempt has failed.
                         */
                        failing_since: string | null;
                        /**
                         * Format: date-time
                         * @description Until then webhooks are signed with the replaced secret too.
                         */
                        previous_secret_expires_at: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        updated_at: string;
                        /** @description What webhooks are signed with (Standard Webhooks). It is shown this once. */
                        secret: string;
                    };
                };
            };
        };
    };
    getWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    deleteWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: the change happens only to this state, else 412. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: the change happens only to this state, else 412. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": {
                    /** @description https:// and public, unless the operator allows others. Redirects are not followed. */
                    url?: string;
                    /** @description For people. */
                    description?: string | null;
                    /** @description Only these types of events; null for all, also those of later versions. */
                    event_types?: string[] | null;
                    /**
                     * @description What happens while it is disabled is delivered only when it is asked for.
                     * @enum {string}
                     */
                    status?: "enabled" | "disabled";
                };
                "application/json": {
                    /** @description https:// and public, unless the operator allows others. Redirects are not followed. */
                    url?: string;
                    /** @description For people. */
                    description?: string | null;
                    /** @description Only these types of events; null for all, also those of later versions. */
                    event_types?: string[] | null;
                    /**
                     * @description What happens while it is disabled is delivered only when it is asked for.
                     * @enum {string}
                     */
                    status?: "enabled" | "disabled";
                };
            };
        };
        responses: {
            /** @description The endpoint as it is now. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint with its new secret. */
            200: {
                headers: {
                    /** @description Names this state of the resource; pass it as If-Match to change no other. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** @description Of its path and query, which may hold secrets, keys without the scope `admin` see `/…`. */
                        url: string;
                        description: string | null;
                        event_types: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[] | null;
                        /** @enum {string} */
                        status: "enabled" | "disabled";
                        /**
                         * @description `gone`: it answered 410. `failing`: it failed for too long.
                         * @enum {string|null}
                         */
                        disabled_reason: "by-request" | "gone" | "failing" | null;
                        /**
                         * Format: date-time
                         * @description Since when every attempt has failed.
                         */
                        failing_since: string | null;
                        /**
                         * Format: date-time
                         * @description Until then webhooks are signed with the replaced secret too.
                         */
                        previous_secret_expires_at: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        updated_at: string;
                        /** @description What webhooks are signed with (Standard Webhooks). It is shown this once. */
                        secret: string;
                    };
                };
            };
        };
    };
    pingWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It will be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: uuid
                         * @description Of the event that is delivered.
                         */
                        event_id: string;
                    };
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                status?: "pending" | "delivered" | "failed";
                event_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookDelivery"][];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    redeliverWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It will be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
        };
    };
    redeliverWebhooksSince: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Events from then on are delivered once more.
                     */
                    since: string;
                };
            };
        };
        responses: {
            /** @description They will be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many events that were delivered or due before are delivered again. */
                        count: number;
                    };
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description How many items a page holds. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** Format: uuid */
                            id: string;
                            name: string;
                            /** @description How the key begins, to tell it from others. */
                            prefix: string;
                            scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin")[];
                            /** @enum {string} */
                            status: "active" | "expired" | "revoked";
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            expires_at: string | null;
                            /**
                             * Format: date-time
                             * @description To the minute.
                             */
                            last_used_at: string | null;
                            /** Format: date-time */
                            revoked_at: string | null;
                            /**
                             * Format: uuid
                             * @description The key that took its place by rotation.
                             */
                            replaced_by: string | null;
                        }[];
                        /** @description Null on the last page. */
                        next_cursor: string | null;
                        /** @description How many items pass the same filters; with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the key is for. */
                    name: string;
                    scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin")[];
                    /**
                     * Format: date-time
                     * @description Null or left out: never.
                     */
                    expires_at?: string | null;
                };
            };
        };
        responses: {
            /** @description The key was made. */
            201: {
                headers: {
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @description How the key begins, to tell it from others. */
                        prefix: string;
                        scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin")[];
                        /** @enum {string} */
                        status: "active" | "expired" | "revoked";
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        expires_at: string | null;
                        /**
                         * Format: date-time
                         * @description To the minute.
                         */
                        last_used_at: string | null;
                        /** Format: date-time */
                        revoked_at: string | null;
                        /**
                         * Format: uuid
                         * @description The key that took its place by rotation.
                         */
                        replaced_by: string | null;
                        /** @description Shown once; only its hash is kept. */
                        key: string;
                    };
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description How long the old key goes on to work.
                     * @default 86400
                     */
                    overlap_seconds?: number;
                };
            };
        };
        responses: {
            /** @description The new key was made. */
            201: {
                headers: {
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @description How the key begins, to tell it from others. */
                        prefix: string;
                        scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin")[];
                        /** @enum {string} */
                        status: "active" | "expired" | "revoked";
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        expires_at: string | null;
                        /**
                         * Format: date-time
                         * @description To the minute.
                         */
                        last_used_at: string | null;
                        /** Format: date-time */
                        revoked_at: string | null;
                        /**
                         * Format: uuid
                         * @description The key that took its place by rotation.
                         */
                        replaced_by: string | null;
                        /** @description Shown once; only its hash is kept. */
                        key: string;
                    };
                };
            };
        };
    };
    createUserToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description A value of your own for this request. Sent again with it within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description What the token may do, of what the key may do; all of that but `admin` when left out. */
                    scopes?: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read")[];
                    /**
                     * @description How long it works.
                     * @default 900
                     */
                    ttl_seconds?: number;
                };
            };
        };
        responses: {
            /** @description The token was minted. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserToken"];
                };
            };
        };
    };
    receiveEvent: {
        parameters: {
            query?: never;
            header: {
                /** @description The id of the event. */
                "webhook-id": string;
                /** @description When this attempt was made, in seconds since 1970. */
                "webhook-timestamp": string;
                /** @description One signature, or two while a replaced secret still counts. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The type of the event. */
                    type: string;
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: components["schemas"]["Event"];
                };
            };
        };
        responses: {
            /** @description Nothing more is wanted: the endpoint is disabled. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was received. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
