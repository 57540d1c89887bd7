/* Made from openapi/openapi.json by `npm run openapi`. */

export interface paths {
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the OpenAPI description */
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
         * Get the metrics of the process
         * @description Metrics in the text format of Prometheus. The route needs no key: do not expose it to the public.
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
        /** Check that the process is alive */
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
         * Check that the process is ready
         * @description Checks the database by a write, the object store, the wake-ups, the numbering of events and the temporary folder, for at most two seconds each. `errors` names what is not ready.
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
        /** Download an artifact by a signed link */
        get: operations["getLinkedArtifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/loras/{id}/lora.safetensors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a LoRA by the link that fal is given
         * @description Only with LORA_LINKS=signed does fal get such links. They end with the avatar.
         */
        get: operations["getLinkedLora"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/images/{id}/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download an image by a signed link */
        get: operations["getLinkedImage"];
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
         * Create or find a user
         * @description Finds the user by `external_id` or `telegram_id` and updates the other members that are given, or creates the user.
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
        /** Get a user */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /**
         * Delete a user
         * @description Deletes the user with all avatars, photos, trained weights and images. The cost record of trainings and generations is kept without personal data.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Update a user
         * @description A JSON merge patch: null clears a member, omitted members stay. A user token may change the profile only: ids and flags need an API key.
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
         * Set the main avatar of a user
         * @description A user has at most one main avatar; it comes first in the list of avatars.
         */
        put: operations["setMainAvatar"];
        post?: never;
        /** Unset the main avatar of a user */
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
         * Create an avatar
         * @description Creates a draft without photos. The training type decides how many photos the avatar needs, and never changes.
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
         * Get an avatar
         * @description With `If-None-Match`, answers 304 when the avatar still has the version that the ETag names.
         */
        get: operations["getAvatar"];
        put?: never;
        post?: never;
        /**
         * Delete an avatar
         * @description Deletes the avatar with its photos, trained weights and images. The cost record of its trainings and generations is kept.
         */
        delete: operations["deleteAvatar"];
        options?: never;
        head?: never;
        /**
         * Update an avatar
         * @description A JSON merge patch. The training type never changes; `fal_priority` needs an API key.
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
         * Get the draft of a user
         * @description The newest avatar of the user that is in preparation and was never trained; 404 when there is none.
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
         * @description Photos in the order of upload.
         */
        get: operations["listPhotos"];
        put?: never;
        /**
         * Add photos to an avatar
         * @description Each file is checked separately: a file that cannot be used is rejected with a code, and the others are added. When no file is added the answer is 422 with `accepted` and `rejected`, or 429 or 503 when a later upload may succeed. Stored photos are upright, opaque and without metadata.
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
         * @description The stored picture: upright, without metadata.
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
        /** Get a photo */
        get: operations["getPhoto"];
        put?: never;
        post?: never;
        /**
         * Delete a photo
         * @description Deletes the photo and updates counter and status of the avatar; results of trainings are kept.
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
         * @description Trainers with settings, ranges, defaults, presets, photo limits and prices; retired trainers come last.
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
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List models
         * @description Models that make images, with settings, presets, sizes and prices; retired models come last.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List packs
         * @description By name, without their prompts. A user token gets the public ones alone.
         */
        get: operations["listPacks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/packs/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a pack
         * @description With its prompts. For a user token, a pack that is not public does not exist.
         */
        get: operations["getPack"];
        /**
         * Create or replace a pack
         * @description Writes the pack as a whole, and creates it where there is none. Generations that were made by it keep their prompts. The body has up to 512 KB.
         */
        put: operations["putPack"];
        post?: never;
        /**
         * Delete a pack
         * @description Generations that were made by it stay; user tokens do not see their prompts.
         */
        delete: operations["deletePack"];
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
         * @description Checks photos and settings and queues the training. fal charges when the artifact is made.
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
        /** Get a training */
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
         * Get the log of a training
         * @description Log lines by cursor: request again with `next_after` while the training runs.
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
         * Cancel a training
         * @description Before submission the training ends at once, free of charge. After submission fal decides, and a result that still comes is kept.
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
         * Retry a training that failed or was cancelled
         * @description Starts a new attempt with the settings and photos of the old one.
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
         * Accept a result that came too late
         * @description For a training that failed or was cancelled and was finished by fal nevertheless.
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
         * Download an artifact of a training
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
         * Create a signed link to an artifact of a training
         * @description A link that needs no key, for fal (as the `path` of a LoRA) or a browser. It expires after `expires_in` seconds, or earlier with the key or token that creates it, and is void once the key is revoked.
         */
        post: operations["linkArtifact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the generations of an avatar
         * @description Newest first.
         */
        get: operations["listAvatarGenerations"];
        put?: never;
        /**
         * Start a generation
         * @description Checks prompt and settings and queues one paid job of one to four images. Without an Idempotency-Key, an equal request within 30 seconds is refused while the first one runs.
         */
        post: operations["startGeneration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List generations
         * @description Newest first; those whose prompt and images were deleted are left out unless `erased` is true.
         */
        get: operations["listGenerations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/generations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a generation
         * @description With `If-None-Match`, answers 304 when the generation still has the version that the ETag names.
         */
        get: operations["getGeneration"];
        put?: never;
        post?: never;
        /**
         * Delete a generation
         * @description Deletes prompt and images of a generation that has ended. The record of what was paid is kept.
         */
        delete: operations["deleteGeneration"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/generations/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a generation
         * @description Before submission the generation ends at once, free of charge. After submission fal decides, and images that still come are kept.
         */
        post: operations["cancelGeneration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/generations/{id}/repeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repeat a generation
         * @description Starts a generation with the prompt and settings of another one, with what the body changes. The seed is a new one unless it says `same`.
         */
        post: operations["repeatGeneration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/generations/{id}/accept-late-result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept images that came too late
         * @description For a generation that failed or was cancelled and was finished by fal nevertheless.
         */
        post: operations["acceptLateImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List images
         * @description Newest first. Images without a picture are listed by their `status` alone.
         */
        get: operations["listImages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an image
         * @description With `If-None-Match`, answers 304 when the image still has the version that the ETag names.
         */
        get: operations["getImage"];
        put?: never;
        post?: never;
        /**
         * Delete an image
         * @description Deletes the picture and its thumbnail. A preview that was made of it stays.
         */
        delete: operations["deleteImage"];
        options?: never;
        head?: never;
        /**
         * Update an image
         * @description Makes it a favourite, which is kept when the retention of generations is over, or no longer.
         */
        patch: operations["updateImage"];
        trace?: never;
    };
    "/v1/images/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download an image
         * @description The picture as fal made it, without its metadata, and marked as made by AI (XMP, `trainedAlgorithmicMedia`).
         */
        get: operations["getImageContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/{id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the thumbnail of an image
         * @description WebP, the longer side 512 pixels at most.
         */
        get: operations["getImageThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/{id}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a signed link to an image
         * @description A link that needs no key, for a browser or a messenger. It expires after `expires_in` seconds, or earlier with the key or token that creates it, and is void once the key is revoked.
         */
        post: operations["linkImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the preview of an avatar
         * @description The chosen image, or else the first photo; 404 when there is neither.
         */
        get: operations["getPreview"];
        /**
         * Set the preview of an avatar
         * @description Keeps a copy of an image of the avatar, of 512 pixels at most, until another is chosen or the avatar is deleted.
         */
        put: operations["setPreview"];
        post?: never;
        /**
         * Delete the preview of an avatar
         * @description The first photo is shown instead. Succeeds too when no image was chosen.
         */
        delete: operations["removePreview"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/avatars/{id}/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a batch of generations
         * @description Starts a generation for each prompt of a pack or of a list: all of them or none. A dry run says what each would be, and one price. The body has up to 512 KB.
         */
        post: operations["startBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List batches
         * @description Newest first.
         */
        get: operations["listBatches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a batch
         * @description With the number of its generations by status, its images and its cost.
         */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a batch
         * @description Cancels the generations that have not ended: those that fal does not have yet end at once, free of charge; of the others fal decides.
         */
        post: operations["cancelBatch"];
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
         * @description Oldest first. Keep `next_after` and pass it as `after` next time: no event is left out, even when its transaction was slow.
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
         * Stream events
         * @description Server-sent events: `id` is the sequence, `event` the type, `data` the event. Reconnect with the last `id` in `Last-Event-ID`, as EventSource does, and no event is missing or repeated. The stream of a reader that is too slow is ended; the reader may reconnect. A caller may have 20 streams at once on each instance, unless the operator sets another limit. The key goes into the header, never into the URL.
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
         * Create a webhook endpoint
         * @description New events are posted to the endpoint, signed by the Standard Webhooks scheme. The answer shows the secret once.
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
         * Get a webhook endpoint
         * @description Without the scope `admin`, the URL is shown without path and query.
         */
        get: operations["getWebhookEndpoint"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description Deletes the endpoint with the record of its deliveries.
         */
        delete: operations["deleteWebhookEndpoint"];
        options?: never;
        head?: never;
        /**
         * Update a webhook endpoint
         * @description A JSON merge patch. Disabling the endpoint fails its pending deliveries.
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
         * Rotate the secret of a webhook endpoint
         * @description The answer shows the new secret once. For a day, webhooks carry a signature by the new secret and one by the old.
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
         * Send a test event to a webhook endpoint
         * @description Sends an `endpoint.ping`, whatever event types the endpoint has chosen. The outcome is listed among the deliveries.
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
         * List deliveries to a webhook endpoint
         * @description Deliveries with all attempts, newest first.
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
         * Redeliver an event
         * @description Sends the event again with its `webhook-id`, whatever the outcome before.
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
         * Redeliver events since a time
         * @description Sends all stored events that pass the filter, whether they were delivered, failed, or were missed while the endpoint was disabled.
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
         * @description Newest first, including revoked and expired keys.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Create an API key
         * @description The answer shows the key once; only a hash of the key is stored.
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
        /** Get an API key */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Every instance refuses the key, and the user tokens it minted, within a second. The record of the key is kept.
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
         * Rotate an API key
         * @description The new key has the name, scopes and lifetime of the old key, which keeps working for the overlap. Rate limits and idempotency keys are shared by both keys. The answer shows the new key once.
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
         * Create a token for a user
         * @description For a browser or a web app that calls this API directly. The token reaches only what belongs to the user; resources of other users are answered 404. It ends when its lifetime is over, when the key that minted it is revoked, and when the user is deleted.
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
         * Receive an event at a webhook endpoint
         * @description Signed by the Standard Webhooks scheme, for which there are libraries. Answer 2xx within 15 seconds; after any other answer further attempts follow over three days. 410 disables the endpoint, and `Retry-After` is respected. An event may arrive more than once, always with the same `webhook-id`, and before an earlier event: `data.sequence` is the order.
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
             * @description Stable code for programs; later versions may add codes.
             * @enum {string}
             */
            code: "invalid-request" | "invalid-cursor" | "unauthorized" | "invalid-signature" | "missing-scope" | "user-blocked" | "key-needed" | "not-found" | "method-not-allowed" | "request-timeout" | "user-exists" | "training-running" | "generation-running" | "avatar-not-trained" | "lora-unavailable" | "duplicate-generation" | "in-use" | "quota-exceeded" | "too-few-photos" | "too-many-photos" | "photos-changed" | "invalid-state" | "idempotency-in-progress" | "idempotency-secret" | "artifact-unavailable" | "image-flagged" | "image-unavailable" | "precondition-failed" | "payload-too-large" | "unsupported-media-type" | "range-not-satisfiable" | "expectation-failed" | "idempotency-mismatch" | "invalid-setting" | "trainer-retired" | "prompt-too-long" | "prompt-placeholder" | "model-retired" | "photos-rejected" | "precondition-required" | "queue-full" | "submission-limit-reached" | "invalid-endpoint-url" | "unknown-event-type" | "too-many-streams" | "rate-limited" | "internal-error" | "no-signing-keys" | "storage-unavailable" | "database-unavailable" | "overloaded" | "not-ready";
            /** @description What is wrong this time and what to do, in words for people. */
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
        /** @description An event. `type` decides the members of `data`; later versions may add members. */
        Event: {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A user was created. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A user was updated, or another main avatar was set. */
            data: {
                /** @description Names of the members whose value changed. */
                changed: string[];
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A user was deleted, with all avatars and photos. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description An avatar was created. */
            data: {
                /** @enum {string} */
                status: "draft" | "uploading" | "ready" | "training" | "completed" | "error" | "cancelled";
                /** @enum {string|null} */
                training_type: "portrait" | "style" | "object" | null;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description An avatar was updated by a client, or its weights were fetched (`likeness loras fetch`). */
            data: {
                /** @description Names of the members whose value changed. */
                changed: string[];
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description An avatar was deleted, with photos and trained weights. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
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
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description Some files of a request were rejected while others were added. */
            data: {
                /** @description Always null: file names can name the person. */
                filename: string | null;
                /** @description Code of the first rejected file, for programs. */
                code: string;
                /** @description Explanation for the first rejected file, for people. */
                detail: string;
                /** @description Number of rejected files by code; missing in events of earlier versions, which are about one file each. */
                counts?: {
                    [key: string]: number;
                };
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A photo was deleted. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A training was started, or was not accepted by fal, and waits in the queue. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /** Format: uuid */
                retry_of?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The archive of photos is being built. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The archive is uploaded to fal; the one request that costs money follows. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal has accepted the training. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal accepts no training now; the training waits, unpaid. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /** @description Code of the reason why the training waits. */
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description It is unknown whether fal accepted the training; Likeness is finding out. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /** @description Code of the reason why the training waits. */
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description It could not be found out whether fal accepted the training; an operator has to resolve it. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal has begun to train. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                step: number | null;
                total_steps: number | null;
                eta_seconds: number | null;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The progress of the training rose by five percent or more. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                step: number | null;
                total_steps: number | null;
                eta_seconds: number | null;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description Cancellation of the training was requested; the answer of fal decides. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal has finished; the trained weights are being fetched and verified. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The training succeeded: its weights are verified and stored. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The training failed; `error` says why. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                error: {
                    /** @description Stable code, for programs. */
                    code: string;
                    /** @description Explanation, for people. */
                    message: string;
                    /** @description The answer of fal, if there was one. */
                    detail: unknown;
                    /** @description Whether the training may succeed when it is retried unchanged. */
                    retryable: boolean;
                    provider_request_id: string | null;
                };
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The training was cancelled. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal succeeded after the training had ended; the late weights are being fetched. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The late weights are verified and stored. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The late weights were accepted: the training has succeeded. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of the attempt: 1 for the first training of the avatar. */
                attempt: number;
                /** @description Percent. */
                progress: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the training. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.queued";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A generation was started, or was not accepted by fal, and waits in the queue. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /** Format: uuid */
                repeat_of?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.submitted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal has accepted the generation. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.blocked";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal accepts no generation now; the generation waits, unpaid. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /** @description Code of the reason why the generation waits. */
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.submit_unknown";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description It is unknown whether fal accepted the generation; Likeness is finding out. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /** @description Code of the reason why the generation waits. */
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.needs_attention";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description It could not be found out whether fal accepted the generation; an operator has to resolve it. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.cancel_requested";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description Cancellation of the generation was requested; the answer of fal decides. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.succeeded";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The generation succeeded: one image at least is verified and stored. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                images: {
                    /** Format: uuid */
                    id: string;
                    index: number;
                    /** @enum {string} */
                    status: "ok" | "flagged" | "lost";
                }[];
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.failed";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The generation failed; `error` says why. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                error: {
                    /** @description Stable code, for programs. */
                    code: string;
                    /** @description Explanation, for people. */
                    message: string;
                    /** @description Whether the generation may succeed when it is repeated. */
                    retryable: boolean;
                    provider_request_id: string | null;
                };
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.cancelled";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The generation was cancelled. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.late_result_reported";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal succeeded after the generation had ended; the late images are being fetched. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.late_result";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The late images are verified and stored. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "generation.late_result_accepted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The late images were accepted: the generation has succeeded. */
            data: {
                /** @enum {string} */
                status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description Number of images that were asked for. */
                num_images: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
                /** @description The id of the request at fal; missing until fal has accepted the generation. */
                fal_request_id?: string;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                images: {
                    /** Format: uuid */
                    id: string;
                    index: number;
                    /** @enum {string} */
                    status: "ok" | "flagged" | "lost";
                }[];
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "image.deleted";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description An image was deleted. */
            data: Record<string, never>;
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
            sequence: number;
            /** @enum {string} */
            type: "batch.ended";
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description The last generation of a batch has ended; published once for each batch. */
            data: {
                pack: string | null;
                generations: {
                    succeeded: number;
                    failed: number;
                    cancelled: number;
                };
                images: {
                    ok: number;
                    flagged: number;
                    lost: number;
                };
                /** @description USD, of all generations. */
                estimated_cost_usd: number;
                /** @description USD, estimated, of the generations that fal charges for. */
                charged_cost_usd: number;
                /** @description USD, estimated, of those of which it is unknown. */
                uncertain_cost_usd: number;
                /** @description True when the sandbox stands in for fal and nothing is paid. */
                sandbox: boolean;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal accepts no training; all trainings wait in the queue. */
            data: {
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description fal accepts trainings again. */
            data: {
                reason: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A test event, delivered to one webhook endpoint alone. */
            data: {
                /** Format: uuid */
                endpoint_id: string;
            };
        } | {
            /** Format: uuid */
            id: string;
            /** @description Position of the event in the log, rising; pass it as `after` to list later events. */
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
            generation_id: string | null;
            /** Format: uuid */
            image_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            photo_id: string | null;
            /** @description The X-Request-Id of the request that caused the event. */
            request_id: string | null;
            /** @description A webhook endpoint was disabled because it answered 410 or failed for too long. */
            data: {
                /** Format: uuid */
                endpoint_id: string;
                /** @enum {string} */
                reason: "by-request" | "gone" | "failing";
                /** Format: date-time */
                failing_since: string | null;
            };
        };
        ArtifactLink: {
            url: string;
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
            /** @description Id given by a trainer that fal has ended; null for other avatars. */
            finetune_id: string | null;
            /** @description Progress of the latest training, in percent. */
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
            /** @description Data without a fixed form, kept from the earlier system. */
            avatar_data: unknown;
            training_config: unknown;
            photos_count: number;
            generations_count: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description True exactly while `status` is `draft`. */
            is_draft: boolean;
            /**
             * @description Type of training, which selects the trainers; it never changes.
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
            /** @description Address of the weights at fal; the stored copy is an artifact of the training. */
            diffusers_lora_file_url: string | null;
            config_file_url: string | null;
            training_error: string | null;
            webhook_url: string | null;
            /** Format: date-time */
            last_status_check: string | null;
            /** @description Whether the trained weights were fetched, checked and stored. */
            artifact_verified: boolean;
            /** @description True when the sandbox stands in for fal and nothing is paid. */
            sandbox: boolean;
            /** Format: uuid */
            latest_training_id: string | null;
            /** @description Whether the avatar is the main avatar of its user. */
            is_main: boolean;
            /** @description Whether an image was chosen as the preview of the avatar. */
            has_preview: boolean;
            /** @description Log of the latest training. */
            training_logs: string | null;
            /** @description The last answer of fal, unchanged; null before the first. */
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
            /** @description Id given by a trainer that fal has ended; null for other avatars. */
            finetune_id: string | null;
            /** @description Progress of the latest training, in percent. */
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
            /** @description Data without a fixed form, kept from the earlier system. */
            avatar_data: unknown;
            training_config: unknown;
            photos_count: number;
            generations_count: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description True exactly while `status` is `draft`. */
            is_draft: boolean;
            /**
             * @description Type of training, which selects the trainers; it never changes.
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
            /** @description Address of the weights at fal; the stored copy is an artifact of the training. */
            diffusers_lora_file_url: string | null;
            config_file_url: string | null;
            training_error: string | null;
            webhook_url: string | null;
            /** Format: date-time */
            last_status_check: string | null;
            /** @description Whether the trained weights were fetched, checked and stored. */
            artifact_verified: boolean;
            /** @description True when the sandbox stands in for fal and nothing is paid. */
            sandbox: boolean;
            /** Format: uuid */
            latest_training_id: string | null;
            /** @description Whether the avatar is the main avatar of its user. */
            is_main: boolean;
            /** @description Whether an image was chosen as the preview of the avatar. */
            has_preview: boolean;
        };
        Batch: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            user_id: string | null;
            pack: string | null;
            /** @enum {string} */
            status: "running" | "ended";
            num_generations: number;
            /** @description Number of images that were asked for. */
            num_images: number;
            /** @description Number of generations by status. */
            generations: {
                queued: number;
                preparing: number;
                submitting: number;
                in_queue: number;
                in_progress: number;
                verifying: number;
                succeeded: number;
                failed: number;
                cancelled: number;
            };
            /** @description Number of images: stored, hidden by the safety checker of fal, and made but not to be had. */
            images: {
                ok: number;
                flagged: number;
                lost: number;
            };
            /** @description USD, of all generations. */
            estimated_cost_usd: number;
            /** @description USD, estimated, of the generations that fal charges for. */
            charged_cost_usd: number;
            /** @description USD, estimated, of those of which it is unknown. */
            uncertain_cost_usd: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            cancel_requested_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
        };
        BatchPlan: {
            /** @enum {boolean} */
            dry_run: true;
            /** Format: uuid */
            avatar_id: string;
            pack: string | null;
            num_generations: number;
            num_images: number;
            /** @description USD. */
            estimated_cost_usd: number;
            sandbox: boolean;
            generations: components["schemas"]["GenerationPlan"][];
        };
        Generation: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            avatar_id: string | null;
            /** Format: uuid */
            user_id: string | null;
            /** Format: uuid */
            training_id: string | null;
            /** Format: uuid */
            batch_id: string | null;
            /** Format: uuid */
            repeat_of: string | null;
            pack: string | null;
            pack_item: string | null;
            model: string;
            endpoint: string;
            /** @enum {string} */
            status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
            /** @description True when the sandbox stood in for fal: nothing was paid. */
            sandbox: boolean;
            /** @enum {string} */
            fal_priority: "normal" | "high";
            /** @description The prompt of the request, or of the item of the pack; null once it was deleted, and for a user token when it is from a pack that is not public. */
            prompt: string | null;
            /** @description The prompt as fal gets it; null once it was deleted, and for a user token when it is from a pack that is not public. */
            final_prompt: string | null;
            /**
             * @description How the trigger phrase came into the prompt.
             * @enum {string}
             */
            trigger: "inserted" | "present" | "placeholder" | "none";
            /** @enum {string} */
            preset: "fast" | "balanced" | "quality";
            /** @enum {string|null} */
            aspect_ratio: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9" | null;
            width: number;
            height: number;
            num_images: number;
            /** @description One for all images of the generation. */
            seed: number;
            settings: {
                [key: string]: string | number | boolean;
            };
            /** @description SHA-256, lower-case hex. */
            lora_sha256: string;
            /** @description What fal would pass over in silence. */
            warnings: {
                code: string;
                detail: string;
            }[];
            estimated_cost_usd: number;
            /** @enum {string|null} */
            charged: "no" | "yes" | "unknown" | null;
            /** @description Megapixels that fal charges for, as it told them. */
            billed_units: number | null;
            fal_request_id: string | null;
            gateway_request_id: string | null;
            /** @description Number of submissions to fal, each after fal had refused the one before. */
            submissions: number;
            error: {
                /** @description One of invalid-input, content-policy, all-images-flagged, no-image, lora-unreachable, lora-refused, lora-unavailable, image-invalid, image-unavailable, unsupported-feature, provider-refused, provider-error, provider-timeout, provider-start-timeout, provider-cancelled, provider-blocked, queue-timeout, result-expired, deadline-exceeded, submit-unresolved, preparation-failed, answer-unusable. */
                code: string;
                /** @description Explanation, for people. */
                message: string;
                /** @description The answer of fal, unchanged. */
                detail: unknown;
                /** @description Whether the generation may succeed when it is repeated. */
                retryable: boolean;
                /**
                 * @description Whether fal charges for the generation.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                provider_request_id: string | null;
            } | null;
            /** @enum {string|null} */
            result_source: "webhook" | "poll" | null;
            /** @description Number of images that were made and stored; deleted ones count. */
            images_ok: number;
            images: {
                /** Format: uuid */
                id: string;
                /** @description Place in the result of fal, from 0. */
                index: number;
                /**
                 * @description `flagged`: the safety checker of fal gave no picture; `lost`: the picture could not be fetched.
                 * @enum {string}
                 */
                status: "ok" | "flagged" | "lost";
                width: number | null;
                height: number | null;
                content_type: string | null;
                /** @description Size in bytes. */
                size: number | null;
                /** @description SHA-256, lower-case hex. */
                sha256: string | null;
                favorite: boolean;
                likeness: {
                    [key: string]: unknown;
                } | null;
            }[];
            /** @description True when a late result is stored and can be accepted. */
            has_late_result: boolean;
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
            /**
             * Format: date-time
             * @description When prompt and images were deleted; the bill remains.
             */
            erased_at: string | null;
        };
        GenerationPlan: {
            /** @enum {boolean} */
            dry_run: true;
            /** Format: uuid */
            avatar_id: string;
            /** Format: uuid */
            training_id: string;
            model: string;
            endpoint: string;
            pack: string | null;
            pack_item: string | null;
            /** @description The prompt of the request, or of the item of the pack; null once it was deleted, and for a user token when it is from a pack that is not public. */
            prompt: string | null;
            /** @description The prompt as fal gets it; null once it was deleted, and for a user token when it is from a pack that is not public. */
            final_prompt: string | null;
            /** @enum {string} */
            trigger: "inserted" | "present" | "placeholder" | "none";
            /** @enum {string} */
            preset: "fast" | "balanced" | "quality";
            /** @enum {string|null} */
            aspect_ratio: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9" | null;
            width: number;
            height: number;
            num_images: number;
            /** @description Null when it would be drawn. */
            seed: number | null;
            settings: {
                [key: string]: string | number | boolean;
            };
            /** @description SHA-256, lower-case hex. */
            lora_sha256: string;
            estimated_cost_usd: number;
            sandbox: boolean;
            /** @description What fal would pass over in silence. */
            warnings: {
                code: string;
                detail: string;
            }[];
        };
        Image: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            generation_id: string;
            /** Format: uuid */
            avatar_id: string;
            /** Format: uuid */
            user_id: string;
            /** @description Place in the result of fal, from 0. */
            index: number;
            /**
             * @description `flagged`: the safety checker of fal gave no picture. `lost`: the picture could not be used.
             * @enum {string}
             */
            status: "ok" | "flagged" | "lost";
            /** @description Width in pixels; null where there is no picture. */
            width: number | null;
            height: number | null;
            content_type: string | null;
            /** @description Bytes of the stored picture. */
            size: number | null;
            /** @description SHA-256, lower-case hex. */
            sha256: string | null;
            /** @description Favourites are kept when the retention of generations is over. */
            favorite: boolean;
            /** @description How near the face is to the photos of the avatar; null where it is unknown. */
            likeness: unknown;
            /** @description True when the sandbox stands in for fal and the picture shows nobody. */
            sandbox: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        ImageLink: {
            url: string;
            /** Format: date-time */
            expires_at: string;
        };
        Key: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description The first characters of the key, to tell keys apart. */
            prefix: string;
            scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin" | "generations:write")[];
            /** @enum {string} */
            status: "active" | "expired" | "revoked";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description Time of the last use, to the minute.
             */
            last_used_at: string | null;
            /** Format: date-time */
            revoked_at: string | null;
            /**
             * Format: uuid
             * @description Id of the key that replaced this key by rotation.
             */
            replaced_by: string | null;
        };
        LogLine: {
            index: number;
            message: string;
            timestamp: string | null;
            level: string | null;
        };
        Model: {
            name: string;
            /** @description The endpoint at fal. */
            endpoint: string;
            /** @enum {string} */
            status: "active" | "retired";
            description: string;
            /** @description The base model: it takes the LoRAs of the trainers that name the same one. */
            base: string | null;
            settings: {
                /** @enum {string} */
                name: "steps" | "guidance_scale" | "lora_scale" | "output_format";
                /** @enum {string} */
                type: "integer" | "number" | "boolean" | "string";
                minimum: number | null;
                maximum: number | null;
                /** @description The texts that are taken. */
                values: string[] | null;
                default: string | number | boolean;
                description: string;
            }[];
            presets: {
                [key: string]: {
                    [key: string]: string | number | boolean;
                };
            } | null;
            /** @enum {string|null} */
            default_preset: "fast" | "balanced" | "quality" | null;
            /** @description Number of images of a generation. */
            num_images: {
                minimum: number;
                maximum: number;
            } | null;
            /** @description The exact size of each aspect ratio. */
            sizes: {
                /** @enum {string} */
                aspect_ratio: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9";
                /** @description Pixels. */
                width: number;
                /** @description Pixels. */
                height: number;
            }[];
            /** @enum {string|null} */
            default_aspect_ratio: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9" | null;
            /** @description Width and height of own sizes. */
            side: {
                /** @description Pixels. */
                minimum: number;
                /** @description Pixels. */
                maximum: number;
                /** @description Pixels. */
                multiple_of: number;
            } | null;
            price_per_megapixel_usd: number | null;
            /** @description Pixels that are billed as one megapixel; each image is rounded up. */
            pixels_per_megapixel: number | null;
            price_note: string | null;
            /** @description Seconds after which a job at fal is given up. */
            longest_run_seconds: number | null;
            retired_reason: string | null;
        };
        Pack: {
            /** @description Name of the pack. */
            name: string;
            /** @description Title, for people. */
            title: string;
            /** @description Explanation, for people. */
            description: string;
            /** @description Whether user tokens see the pack, and the prompts of generations that were made by it. */
            public: boolean;
            /** @description The prompts, in order. Their images are 100 at most. */
            items: {
                /** @description Name of the prompt in its pack. */
                name: string;
                /** @description What to show, in one line of up to 2000 characters, in English. `{subject}` and `{trigger}` are replaced by those of the avatar. */
                prompt: string;
                /** @description Number of images. Default: 1. */
                num_images?: number;
                /**
                 * @description Width:height. Default: that of the model.
                 * @enum {string}
                 */
                aspect_ratio?: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9";
                /**
                 * @description Named set of settings. Default: that of the model.
                 * @enum {string}
                 */
                preset?: "fast" | "balanced" | "quality";
            }[];
            /** @description Number of prompts. */
            num_items: number;
            /** @description Number of images of all prompts together. */
            num_images: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        PackSummary: {
            /** @description Name of the pack. */
            name: string;
            /** @description Title, for people. */
            title: string;
            /** @description Explanation, for people. */
            description: string;
            /** @description Whether user tokens see the pack, and the prompts of generations that were made by it. */
            public: boolean;
            /** @description Number of prompts. */
            num_items: number;
            /** @description Number of images of all prompts together. */
            num_images: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
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
            /** @description Width of the upright picture, in pixels. */
            width: number | null;
            height: number | null;
            format: string;
            /** @description Whether a face was found; null when the photo was not examined. */
            has_face: boolean | null;
            quality_score: number | null;
            validation_error: string | null;
            /** @description `original_filename`, and `stored_sha256` and `stored_size` of the stored photo, which `…/content` serves. */
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
             * @description Stable code, for programs.
             * @enum {string}
             */
            code: "empty" | "too-large" | "unsupported-format" | "animated" | "damaged" | "too-small" | "too-many-pixels" | "too-narrow" | "too-complex" | "featureless" | "duplicate" | "limit-reached" | "quota-exceeded" | "rate-limited" | "overloaded";
            /** @description What is wrong with the file and what to do, in words for people. */
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
            /** @description The base model of its LoRAs; `GET /v1/models` lists the models that take them. */
            base: string | null;
            settings: {
                name: string;
                /** @enum {string} */
                type: "integer" | "number" | "boolean" | "string";
                minimum: number | null;
                maximum: number | null;
                max_length: number | null;
                /** @description Default value; null when the avatar supplies it. */
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
            /** @description Seconds after which a job at fal is given up. */
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
            /** @description Number of the attempt: 1 for the first training of the avatar. */
            attempt: number;
            /** Format: uuid */
            retry_of: string | null;
            /** @enum {string} */
            training_type: "portrait" | "style" | "object";
            trainer: string;
            endpoint: string;
            /** @enum {string} */
            status: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
            /** @description True when the sandbox stood in for fal: nothing was paid, and the LoRA is not a real one. */
            sandbox: boolean;
            /** @enum {string} */
            fal_priority: "normal" | "high";
            settings: {
                [key: string]: string | number | boolean | null;
            };
            /** @description The photos of the training, in order. */
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
            /** @description The address to which fal sends its webhook, without the secret token. */
            webhook_url: string | null;
            /** @description Number of submissions to fal. A training is submitted again only after fal has refused the submission before. */
            submissions: number;
            /** @description Progress in percent; 100 only once the artifact is verified. */
            progress: number;
            step: number | null;
            total_steps: number | null;
            loss: number | null;
            eta_seconds: number | null;
            error: {
                /** @description One of invalid-input, invalid-archive, invalid-photo, no-face-found, content-policy, archive-unreachable, unsupported-feature, provider-refused, provider-error, provider-timeout, provider-start-timeout, provider-cancelled, provider-blocked, queue-timeout, no-artifact, result-expired, artifact-invalid, artifact-unavailable, deadline-exceeded, submit-unresolved, photos-missing, preparation-failed, answer-unusable. */
                code: string;
                /** @description Explanation, for people. */
                message: string;
                /** @description The answer of fal, unchanged. */
                detail: unknown;
                /** @description Whether the training may succeed when it is retried unchanged. */
                retryable: boolean;
                /**
                 * @description Whether fal charges for the training.
                 * @enum {string}
                 */
                charged: "no" | "yes" | "unknown";
                provider_request_id: string | null;
            } | null;
            /**
             * @description How the outcome was learned: from a signed webhook of fal, or by polling.
             * @enum {string|null}
             */
            result_source: "webhook" | "poll" | null;
            /** @description Files that were fetched, verified and stored; `GET …/artifacts/lora` and `…/artifacts/config` serve the files. `config` is null only for avatars of the earlier system. */
            artifacts: {
                lora: {
                    /** @description Size in bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                };
                config: {
                    /** @description Size in bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                } | null;
            } | null;
            /** @description Files that were fetched, verified and stored; `GET …/artifacts/lora` and `…/artifacts/config` serve the files. `config` is null only for avatars of the earlier system. */
            late_artifacts: {
                lora: {
                    /** @description Size in bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                };
                config: {
                    /** @description Size in bytes. */
                    size: number;
                    /** @description SHA-256, lower-case hex. */
                    sha256: string;
                    content_type: string;
                } | null;
            } | null;
            /** @description Why fal does not accept the training now; null when it does not wait for that. */
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
        User: {
            /** Format: uuid */
            id: string;
            /** @description Your own id for the user. */
            external_id: string | null;
            /** @description The id of the user at Telegram, as a string of digits. */
            telegram_id: string | null;
            /** @description First name; empty when none was given. */
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
            /** @description Token to send as `Authorization: Bearer …`. It is shown once and stored nowhere. */
            token: string;
            /** Format: uuid */
            user_id: string;
            scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "generations:write")[];
            /** Format: date-time */
            expires_at: string;
        };
        WebhookDelivery: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            endpoint_id: string;
            /**
             * Format: uuid
             * @description Id of the event, sent as `webhook-id` with every attempt.
             */
            event_id: string;
            /** @enum {string} */
            event_type: "user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "generation.queued" | "generation.submitted" | "generation.blocked" | "generation.submit_unknown" | "generation.needs_attention" | "generation.cancel_requested" | "generation.succeeded" | "generation.failed" | "generation.cancelled" | "generation.late_result_reported" | "generation.late_result" | "generation.late_result_accepted" | "image.deleted" | "batch.ended" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            attempts: {
                /** @description Number of the attempt. A missing number is an attempt cut short by a crash. */
                number: number;
                /** Format: date-time */
                attempted_at: string;
                latency_ms: number;
                response_status: number | null;
                /** @description First kilobyte of the response body; null for keys without the scope `admin`. */
                response_body: string | null;
                /** @description Why the attempt got no response. */
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
        WebhookEndpoint: {
            /** Format: uuid */
            id: string;
            /** @description The URL. Keys without the scope `admin` see `/…` in place of path and query, which may hold secrets. */
            url: string;
            description: string | null;
            event_types: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "generation.queued" | "generation.submitted" | "generation.blocked" | "generation.submit_unknown" | "generation.needs_attention" | "generation.cancel_requested" | "generation.succeeded" | "generation.failed" | "generation.cancelled" | "generation.late_result_reported" | "generation.late_result" | "generation.late_result_accepted" | "image.deleted" | "batch.ended" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[] | null;
            /** @enum {string} */
            status: "enabled" | "disabled";
            /**
             * @description `gone`: it answered 410. `failing`: it failed for too long.
             * @enum {string|null}
             */
            disabled_reason: "by-request" | "gone" | "failing" | null;
            /**
             * Format: date-time
             * @description Time since which every attempt has failed; null while attempts succeed.
             */
            failing_since: string | null;
            /**
             * Format: date-time
             * @description Time until which webhooks are signed with the previous secret too.
             */
            previous_secret_expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/json": unknown;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
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
    getLinkedLora: {
        parameters: {
            query: {
                expires: number;
                signature: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The safetensors file. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
        };
    };
    getLinkedImage: {
        parameters: {
            query: {
                expires: number;
                key: string;
                signature: string;
            };
            header?: never;
            path: {
                id: string;
                file: "content" | "thumbnail";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture, or its thumbnail. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                    "image/webp": string;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
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
    upsertUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description At least one of `external_id` and `telegram_id`; other members are stored, whether the user is found or created. */
        requestBody: {
            content: {
                "application/json": {
                    /** @description Your own id for the user. */
                    external_id?: string;
                    /**
                     * Format: int64
                     * @description The id of the user at Telegram, as a string of digits.
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
            /** @description The user was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The user was created. */
            201: {
                headers: {
                    /** @description Path of the new resource. */
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
                    /** @description Your own id for the user. */
                    external_id?: string | null;
                    /**
                     * Format: int64
                     * @description The id of the user at Telegram, as a string of digits.
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
                    /** @description Your own id for the user. */
                    external_id?: string | null;
                    /**
                     * Format: int64
                     * @description The id of the user at Telegram, as a string of digits.
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
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                user_id?: string;
                /** @description Only avatars of this status; repeat the parameter for several. */
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
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description Name in any script; leading and trailing spaces are removed. */
                    name: string;
                    /** @enum {string} */
                    gender: "male" | "female" | "other";
                    /**
                     * @description Type of training, which selects the trainers; it never changes.
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
            /** @description The avatar was created. */
            201: {
                headers: {
                    /** @description Path of the new resource. */
                    Location?: string;
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
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
                /** @description An ETag: the request takes effect only on this version of the avatar, else 412. */
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
                /** @description An ETag: the request takes effect only on this version of the avatar, else 412. */
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
                    /** @description Name in any script; leading and trailing spaces are removed. */
                    name?: string;
                    /** @enum {string} */
                    gender?: "male" | "female" | "other";
                    /** @enum {string} */
                    avatar_type?: "character" | "style" | "custom";
                    /** @description Stands for the subject in prompts, unless a training names another phrase. */
                    trigger_word?: string;
                    /**
                     * @description Priority of trainings that name none.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                };
                "application/json": {
                    /** @description Name in any script; leading and trailing spaces are removed. */
                    name?: string;
                    /** @enum {string} */
                    gender?: "male" | "female" | "other";
                    /** @enum {string} */
                    avatar_type?: "character" | "style" | "custom";
                    /** @description Stands for the subject in prompts, unless a training names another phrase. */
                    trigger_word?: string;
                    /**
                     * @description Priority of trainings that name none.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                };
            };
        };
        responses: {
            /** @description The updated avatar. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
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
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
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
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description 1 to 20 file parts of any name: JPEG, PNG or WebP, each up to 20 MB and 24 megapixels, the shorter side at least 512 pixels, the longer side at most 3 times the shorter. */
        requestBody: {
            content: {
                "multipart/form-data": {
                    photos: string[];
                };
            };
        };
        responses: {
            /** @description At least one photo was added. */
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                    "image/webp": string;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
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
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listModels: {
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
                        data: components["schemas"]["Model"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listPacks: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
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
                        data: components["schemas"]["PackSummary"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getPack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the pack. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The pack. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pack"];
                };
            };
        };
    };
    putPack: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: the request takes effect only on this version of the pack, else 412. */
                "if-match"?: string;
                /** @description `*`: the request takes effect only where there is no such pack yet, else 412. */
                "if-none-match"?: string;
            };
            path: {
                /** @description Name of the pack. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Title, for people. */
                    title: string;
                    /**
                     * @description Explanation, for people.
                     * @default
                     */
                    description?: string;
                    /**
                     * @description Whether user tokens see the pack, and the prompts of generations that were made by it.
                     * @default false
                     */
                    public?: boolean;
                    /** @description The prompts, in order. Their images are 100 at most. */
                    items: {
                        /** @description Name of the prompt in its pack. */
                        name: string;
                        /** @description What to show, in one line of up to 2000 characters, in English. `{subject}` and `{trigger}` are replaced by those of the avatar. */
                        prompt: string;
                        /** @description Number of images. Default: 1. */
                        num_images?: number;
                        /**
                         * @description Width:height. Default: that of the model.
                         * @enum {string}
                         */
                        aspect_ratio?: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9";
                        /**
                         * @description Named set of settings. Default: that of the model.
                         * @enum {string}
                         */
                        preset?: "fast" | "balanced" | "quality";
                    }[];
                };
            };
        };
        responses: {
            /** @description The pack. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pack"];
                };
            };
            /** @description The pack was created. */
            201: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pack"];
                };
            };
        };
    };
    deletePack: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: the request takes effect only on this version of the pack, else 412. */
                "if-match"?: string;
            };
            path: {
                /** @description Name of the pack. */
                name: string;
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
    listAvatarTrainings: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
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
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                     * @description Named set of settings of the trainer; settings of the request take precedence. Default: `balanced`.
                     * @enum {string}
                     */
                    preset?: "fast" | "balanced" | "quality";
                    /** @description Number of training steps; the price is per step. */
                    steps?: number;
                    /** @description Learning rate. For styles and objects it selects the trainer `turbo`. */
                    learning_rate?: number;
                    /** @description The words that stand for the subject in prompts; default: the trigger word of the avatar. */
                    trigger_phrase?: string;
                    /** @description Train at several resolutions. Portraits only. */
                    multiresolution_training?: boolean;
                    /** @description Crop each photo to the subject. Portraits only. */
                    subject_crop?: boolean;
                    /** @description Mask everything but the subject. Portraits, and objects without a learning rate. */
                    create_masks?: boolean;
                    /** @description Refused: only a trainer that fal has ended takes it. */
                    captioning?: boolean;
                    /**
                     * @description Every trainer makes a `lora`; `dreambooth` is refused, since fal has ended its trainer.
                     * @enum {string}
                     */
                    finetune_type?: "lora" | "dreambooth";
                    /** @description Refused: only a trainer that fal has ended takes it. */
                    finetune_comment?: string;
                    /**
                     * @description Order in the queue of Likeness; fal always gets `normal`. Default: the priority of the avatar.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                    /**
                     * @description Check the request and answer what would be sent and what it would cost, without starting a training.
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
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                status?: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                avatar_id?: string;
                user_id?: string;
                /** @description Only trainings whose submission an operator has to resolve. */
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
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
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
                /** @description `next_after` of the previous page; 0 for the beginning. */
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
                        /** @description Pass it as `after` to get what follows, now or later. */
                        next_after: number;
                        /** @description True when the log is complete: no line will be added. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/json": unknown;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                     * @description Lifetime of the link, in seconds.
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
    listAvatarGenerations: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                status?: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description True for generations whose prompt and images were deleted; they are left out otherwise. */
                erased?: boolean;
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
                        data: components["schemas"]["Generation"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    startGeneration: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description What to show, in one line of up to 2000 characters, in English. `{trigger}` becomes the trigger phrase of the avatar, `{subject}` the phrase with man, woman or person; a prompt that has neither begins with the subject. */
                    prompt?: string;
                    /** @description Pack that the prompt is taken from, in place of `prompt`; with `pack_item`. */
                    pack?: string;
                    /** @description Name of an item of the pack. Its number of images, aspect ratio and preset are used where the request says none. */
                    pack_item?: string;
                    /**
                     * @description Send the prompt as it is: nothing is replaced and no trigger phrase is added.
                     * @default false
                     */
                    raw_prompt?: boolean;
                    /** @description Name of a model. Default: `flux-lora`. */
                    model?: string;
                    /**
                     * @description Named set of settings of the model; settings of the request take precedence. Default: `balanced`.
                     * @enum {string}
                     */
                    preset?: "fast" | "balanced" | "quality";
                    /** @description Number of inference steps. */
                    steps?: number;
                    /** @description How closely the image follows the prompt; lower values give more natural skin. */
                    guidance_scale?: number;
                    /** @description Weight of the LoRA. */
                    lora_scale?: number;
                    /**
                     * @description Format of the images. Default: `jpeg`.
                     * @enum {string}
                     */
                    output_format?: "jpeg" | "png";
                    /** @description Number of images, 1 to 4. Default: 1. */
                    num_images?: number;
                    /**
                     * @description Width:height; `GET /v1/models` lists the exact sizes. Default: `1:1`.
                     * @enum {string}
                     */
                    aspect_ratio?: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9";
                    /** @description Pixels, a multiple of 16; with `height`, in place of `aspect_ratio`. Never rounded. */
                    width?: number;
                    /** @description Pixels, a multiple of 16. */
                    height?: number;
                    /** @description 0 to 4294967295. Default: a random one, which the generation shows. */
                    seed?: number;
                    /**
                     * Format: uuid
                     * @description The training whose LoRA is used. Default: the newest that succeeded.
                     */
                    training_id?: string;
                    /**
                     * @description Order in the queue of Likeness; fal always gets `normal`. Default: the priority of the avatar.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                    /**
                     * @description Check the request and answer what would be sent and what it would cost, without starting anything.
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
                    "application/json": components["schemas"]["GenerationPlan"];
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Generation"];
                };
            };
        };
    };
    listGenerations: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                status?: "queued" | "preparing" | "submitting" | "in_queue" | "in_progress" | "verifying" | "succeeded" | "failed" | "cancelled";
                /** @description True for generations whose prompt and images were deleted; they are left out otherwise. */
                erased?: boolean;
                user_id?: string;
                avatar_id?: string;
                batch_id?: string;
                /** @description Only generations whose prompt is from this pack. */
                pack?: string;
                /** @description Only generations whose submission an operator has to resolve. */
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
                        data: components["schemas"]["Generation"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    getGeneration: {
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
            /** @description The generation. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Generation"];
                };
            };
        };
    };
    deleteGeneration: {
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
    cancelGeneration: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    "application/json": components["schemas"]["Generation"];
                };
            };
        };
    };
    repeatGeneration: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                     * @description Named set of settings of the model; settings of the request take precedence. Default: `balanced`.
                     * @enum {string}
                     */
                    preset?: "fast" | "balanced" | "quality";
                    /** @description Number of inference steps. */
                    steps?: number;
                    /** @description How closely the image follows the prompt; lower values give more natural skin. */
                    guidance_scale?: number;
                    /** @description Weight of the LoRA. */
                    lora_scale?: number;
                    /**
                     * @description Format of the images. Default: `jpeg`.
                     * @enum {string}
                     */
                    output_format?: "jpeg" | "png";
                    /** @description Number of images, 1 to 4. Default: 1. */
                    num_images?: number;
                    /**
                     * @description Width:height; `GET /v1/models` lists the exact sizes. Default: `1:1`.
                     * @enum {string}
                     */
                    aspect_ratio?: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9";
                    /** @description Pixels, a multiple of 16; with `height`, in place of `aspect_ratio`. Never rounded. */
                    width?: number;
                    /** @description Pixels, a multiple of 16. */
                    height?: number;
                    /** @description `same`, or 0 to 4294967295. Default: another random one. */
                    seed?: number | "same";
                    /**
                     * @description `same`: the LoRA of the generation; `latest`: that of the newest training that succeeded.
                     * @default same
                     * @enum {string}
                     */
                    lora?: "same" | "latest";
                    /**
                     * @description Order in the queue of Likeness; fal always gets `normal`. Default: the priority of the avatar.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                    /**
                     * @description Check the request and answer what would be sent and what it would cost, without starting anything.
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
                    "application/json": components["schemas"]["GenerationPlan"];
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Generation"];
                };
            };
        };
    };
    acceptLateImages: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    "application/json": components["schemas"]["Generation"];
                };
            };
        };
    };
    listImages: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                user_id?: string;
                avatar_id?: string;
                generation_id?: string;
                /** @description Only favourites, or with `false` only the others. */
                favorite?: boolean;
                /** @description Only images of this status. */
                status?: "ok" | "flagged" | "lost";
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
                        data: components["schemas"]["Image"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    getImage: {
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
            /** @description The image. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Image"];
                };
            };
        };
    };
    deleteImage: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: the request takes effect only on this version of the image, else 412. */
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
    updateImage: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: the request takes effect only on this version of the image, else 412. */
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
                    favorite: boolean;
                };
                "application/json": {
                    favorite: boolean;
                };
            };
        };
        responses: {
            /** @description The updated image. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Image"];
                };
            };
        };
    };
    getImageContent: {
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
            /** @description The picture. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                };
            };
        };
    };
    getImageThumbnail: {
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
            /** @description The thumbnail. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": string;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": string;
                };
            };
        };
    };
    linkImage: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                     * @description Lifetime of the link, in seconds.
                     * @default 3600
                     */
                    expires_in?: number;
                    /**
                     * @description The picture, or its thumbnail.
                     * @default content
                     * @enum {string}
                     */
                    file?: "content" | "thumbnail";
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
                    "application/json": components["schemas"]["ImageLink"];
                };
            };
        };
    };
    getPreview: {
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
            /** @description The picture. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                    "image/webp": string;
                };
            };
            /** @description The requested range of bytes. */
            206: {
                headers: {
                    /** @description The range of bytes that is sent, and the size of the whole file. */
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
    setPreview: {
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
                    image_id: string;
                };
            };
        };
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
    removePreview: {
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
    startBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description Pack whose prompts are used; or `prompts`. */
                    pack?: string;
                    /** @description One generation each, in order. A batch has up to 100 images. */
                    prompts?: string[];
                    /**
                     * @description Send the prompt as it is: nothing is replaced and no trigger phrase is added.
                     * @default false
                     */
                    raw_prompt?: boolean;
                    /** @description Name of a model. Default: `flux-lora`. */
                    model?: string;
                    /**
                     * @description Named set of settings of the model; settings of the request take precedence. Default: `balanced`.
                     * @enum {string}
                     */
                    preset?: "fast" | "balanced" | "quality";
                    /** @description Number of inference steps. */
                    steps?: number;
                    /** @description How closely the image follows the prompt; lower values give more natural skin. */
                    guidance_scale?: number;
                    /** @description Weight of the LoRA. */
                    lora_scale?: number;
                    /**
                     * @description Format of the images. Default: `jpeg`.
                     * @enum {string}
                     */
                    output_format?: "jpeg" | "png";
                    /** @description Number of images, 1 to 4. Default: 1. */
                    num_images?: number;
                    /**
                     * @description Width:height; `GET /v1/models` lists the exact sizes. Default: `1:1`.
                     * @enum {string}
                     */
                    aspect_ratio?: "1:1" | "4:3" | "3:4" | "5:4" | "4:5" | "3:2" | "2:3" | "16:9" | "9:16" | "21:9";
                    /** @description Pixels, a multiple of 16; with `height`, in place of `aspect_ratio`. Never rounded. */
                    width?: number;
                    /** @description Pixels, a multiple of 16. */
                    height?: number;
                    /** @description 0 to 4294967295. Default: a random one, which the generation shows. */
                    seed?: number;
                    /**
                     * Format: uuid
                     * @description The training whose LoRA is used. Default: the newest that succeeded.
                     */
                    training_id?: string;
                    /**
                     * @description Order in the queue of Likeness; fal always gets `normal`. Default: the priority of the avatar.
                     * @enum {string}
                     */
                    fal_priority?: "normal" | "high";
                    /**
                     * @description Check the request and answer what would be sent and what it would cost, without starting anything.
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
                    "application/json": components["schemas"]["BatchPlan"];
                };
            };
            /** @description The batch was started. */
            202: {
                headers: {
                    /** @description Path of the new resource. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    listBatches: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description `total`: say how many items the list has, on all pages. */
                include?: "total";
                user_id?: string;
                avatar_id?: string;
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
                        data: components["schemas"]["Batch"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
                        total?: number;
                    };
                };
            };
        };
    };
    getBatch: {
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
            /** @description The batch. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description `next_after` of the previous page; 0 for the oldest event that is kept. */
                after?: number;
                limit?: number;
                /** @description Only events of this type; repeat the parameter for several. */
                type?: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "generation.queued" | "generation.submitted" | "generation.blocked" | "generation.submit_unknown" | "generation.needs_attention" | "generation.cancel_requested" | "generation.succeeded" | "generation.failed" | "generation.cancelled" | "generation.late_result_reported" | "generation.late_result" | "generation.late_result_accepted" | "image.deleted" | "batch.ended" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[];
                user_id?: string;
                avatar_id?: string;
                training_id?: string;
                generation_id?: string;
                batch_id?: string;
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
                        /** @description Pass it as `after` to get what follows, now or later. */
                        next_after: number;
                    };
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Sequence after which the stream begins; 0 for the oldest event that is kept. Default: only new events. */
                after?: number;
                /** @description Only events of this type; repeat the parameter for several. */
                type?: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "generation.queued" | "generation.submitted" | "generation.blocked" | "generation.submit_unknown" | "generation.needs_attention" | "generation.cancel_requested" | "generation.succeeded" | "generation.failed" | "generation.cancelled" | "generation.late_result_reported" | "generation.late_result" | "generation.late_result_accepted" | "image.deleted" | "batch.ended" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[];
                user_id?: string;
                avatar_id?: string;
                training_id?: string;
                generation_id?: string;
                batch_id?: string;
            };
            header?: {
                /** @description The `id` received last, which EventSource sends when it reconnects; takes precedence over `after`. Empty means none. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of events, with heartbeats while nothing happens. */
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
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
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
                        /** @description Cursor of the next page; null on the last page. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description Note for people. */
                    description?: string | null;
                    /** @description Types of the events to send; null for all, including types that later versions add. */
                    event_types?: string[] | null;
                };
            };
        };
        responses: {
            /** @description The endpoint was created. */
            201: {
                headers: {
                    /** @description Path of the new resource. */
                    Location?: string;
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** @description The URL. Keys without the scope `admin` see `/…` in place of path and query, which may hold secrets. */
                        url: string;
                        description: string | null;
                        event_types: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "generation.queued" | "generation.submitted" | "generation.blocked" | "generation.submit_unknown" | "generation.needs_attention" | "generation.cancel_requested" | "generation.succeeded" | "generation.failed" | "generation.cancelled" | "generation.late_result_reported" | "generation.late_result" | "generation.late_result_accepted" | "image.deleted" | "batch.ended" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[] | null;
                        /** @enum {string} */
                        status: "enabled" | "disabled";
                        /**
                         * @description `gone`: it answered 410. `failing`: it failed for too long.
                         * @enum {string|null}
                         */
                        disabled_reason: "by-request" | "gone" | "failing" | null;
                        /**
                         * Format: date-time
                         * @description Time since which every attempt has failed; null while attempts succeed.
                         */
                        failing_since: string | null;
                        /**
                         * Format: date-time
                         * @description Time until which webhooks are signed with the previous secret too.
                         */
                        previous_secret_expires_at: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        updated_at: string;
                        /** @description The signing secret (Standard Webhooks), shown only once. */
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
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
                /** @description An ETag: the request takes effect only on this version of the endpoint, else 412. */
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
                /** @description An ETag: the request takes effect only on this version of the endpoint, else 412. */
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
                    /** @description Note for people. */
                    description?: string | null;
                    /** @description Types of the events to send; null for all, including types that later versions add. */
                    event_types?: string[] | null;
                    /**
                     * @description Events that happen while the endpoint is disabled are delivered only on request.
                     * @enum {string}
                     */
                    status?: "enabled" | "disabled";
                };
                "application/json": {
                    /** @description https:// and public, unless the operator allows others. Redirects are not followed. */
                    url?: string;
                    /** @description Note for people. */
                    description?: string | null;
                    /** @description Types of the events to send; null for all, including types that later versions add. */
                    event_types?: string[] | null;
                    /**
                     * @description Events that happen while the endpoint is disabled are delivered only on request.
                     * @enum {string}
                     */
                    status?: "enabled" | "disabled";
                };
            };
        };
        responses: {
            /** @description The updated endpoint. */
            200: {
                headers: {
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description Version of the resource; pass it as `If-Match` to update or delete only this version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** @description The URL. Keys without the scope `admin` see `/…` in place of path and query, which may hold secrets. */
                        url: string;
                        description: string | null;
                        event_types: ("user.created" | "user.updated" | "user.deleted" | "avatar.created" | "avatar.updated" | "avatar.deleted" | "photo.added" | "photo.rejected" | "photo.deleted" | "training.queued" | "training.preparing" | "training.submitting" | "training.submitted" | "training.blocked" | "training.submit_unknown" | "training.needs_attention" | "training.started" | "training.progress" | "training.cancel_requested" | "training.verifying" | "training.succeeded" | "training.failed" | "training.cancelled" | "training.late_result_reported" | "training.late_result" | "training.late_result_accepted" | "generation.queued" | "generation.submitted" | "generation.blocked" | "generation.submit_unknown" | "generation.needs_attention" | "generation.cancel_requested" | "generation.succeeded" | "generation.failed" | "generation.cancelled" | "generation.late_result_reported" | "generation.late_result" | "generation.late_result_accepted" | "image.deleted" | "batch.ended" | "provider.blocked" | "provider.recovered" | "endpoint.ping" | "endpoint.disabled")[] | null;
                        /** @enum {string} */
                        status: "enabled" | "disabled";
                        /**
                         * @description `gone`: it answered 410. `failing`: it failed for too long.
                         * @enum {string|null}
                         */
                        disabled_reason: "by-request" | "gone" | "failing" | null;
                        /**
                         * Format: date-time
                         * @description Time since which every attempt has failed; null while attempts succeed.
                         */
                        failing_since: string | null;
                        /**
                         * Format: date-time
                         * @description Time until which webhooks are signed with the previous secret too.
                         */
                        previous_secret_expires_at: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        updated_at: string;
                        /** @description The signing secret (Standard Webhooks), shown only once. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery is queued. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: uuid
                         * @description Id of the event that is delivered.
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
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
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
                        /** @description Cursor of the next page; null on the last page. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
            /** @description The delivery is queued. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                     * @description Time of the earliest event to redeliver.
                     */
                    since: string;
                };
            };
        };
        responses: {
            /** @description The deliveries are queued. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Number of events to redeliver. */
                        count: number;
                    };
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description Number of items on a page. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
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
                        data: components["schemas"]["Key"][];
                        /** @description Cursor of the next page; null on the last page. */
                        next_cursor: string | null;
                        /** @description Number of items on all pages; present with `include=total`. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin" | "generations:write")[];
                    /**
                     * Format: date-time
                     * @description Time at which the key expires; null or omitted for never.
                     */
                    expires_at?: string | null;
                };
            };
        };
        responses: {
            /** @description The key was created. */
            201: {
                headers: {
                    /** @description Path of the new resource. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @description The first characters of the key, to tell keys apart. */
                        prefix: string;
                        scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin" | "generations:write")[];
                        /** @enum {string} */
                        status: "active" | "expired" | "revoked";
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        expires_at: string | null;
                        /**
                         * Format: date-time
                         * @description Time of the last use, to the minute.
                         */
                        last_used_at: string | null;
                        /** Format: date-time */
                        revoked_at: string | null;
                        /**
                         * Format: uuid
                         * @description Id of the key that replaced this key by rotation.
                         */
                        replaced_by: string | null;
                        /** @description The key, shown once; only a hash of the key is stored. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                     * @description Seconds for which the old key keeps working.
                     * @default 86400
                     */
                    overlap_seconds?: number;
                };
            };
        };
        responses: {
            /** @description The new key was created. */
            201: {
                headers: {
                    /** @description Path of the new resource. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @description The first characters of the key, to tell keys apart. */
                        prefix: string;
                        scopes: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "admin" | "generations:write")[];
                        /** @enum {string} */
                        status: "active" | "expired" | "revoked";
                        /** Format: date-time */
                        created_at: string;
                        /** Format: date-time */
                        expires_at: string | null;
                        /**
                         * Format: date-time
                         * @description Time of the last use, to the minute.
                         */
                        last_used_at: string | null;
                        /** Format: date-time */
                        revoked_at: string | null;
                        /**
                         * Format: uuid
                         * @description Id of the key that replaced this key by rotation.
                         */
                        replaced_by: string | null;
                        /** @description The key, shown once; only a hash of the key is stored. */
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
                /** @description A unique value for this request. Repeated with the value within 24 hours, the request has no second effect and gets the same answer, with `Idempotency-Replayed: true`. */
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
                    /** @description Scopes of the token, a subset of those of the key; default: all scopes of the key but `admin`. */
                    scopes?: ("avatars:read" | "avatars:write" | "trainings:write" | "events:read" | "generations:write")[];
                    /**
                     * @description Lifetime of the token, in seconds.
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
                /** @description Time of the attempt, in seconds since 1970. */
                "webhook-timestamp": string;
                /** @description One signature, or two while a replaced secret is still valid. */
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
                     * @description Time of the event.
                     */
                    timestamp: string;
                    data: components["schemas"]["Event"];
                };
            };
        };
        responses: {
            /** @description No further events are wanted: Likeness disables the endpoint. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event was received. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
