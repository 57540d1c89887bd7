const header = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: true,
  description,
  schema: { type: 'string' as const },
});

/** The request to webhook endpoints, for the `webhooks` member of an OpenAPI document that has the schema Event. */
export const eventWebhook = {
  post: {
    operationId: 'receiveEvent',
    summary: 'Receive an event at a webhook endpoint',
    description:
      'Signed by the Standard Webhooks scheme, for which there are libraries. Answer 2xx within 15 seconds; after any other ' +
      'answer further attempts follow over three days. 410 disables the endpoint, and `Retry-After` is respected. An event ' +
      'may arrive more than once, always with the same `webhook-id`, and before an earlier event: `data.sequence` is the order.',
    tags: ['webhooks'],
    security: [],
    parameters: [
      header('webhook-id', 'The id of the event.'),
      header('webhook-timestamp', 'Time of the attempt, in seconds since 1970.'),
      header('webhook-signature', 'One signature, or two while a replaced secret is still valid.'),
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object' as const,
            required: ['type', 'timestamp', 'data'],
            properties: {
              type: {
                type: 'string' as const,
                description: 'The type of the event.',
                examples: ['training.succeeded'],
              },
              timestamp: { type: 'string' as const, format: 'date-time', description: 'Time of the event.' },
              data: { $ref: '#/components/schemas/Event' },
            },
          },
        },
      },
    },
    responses: {
      '2XX': { description: 'The event was received.' },
      410: { description: 'No further events are wanted: Likeness disables the endpoint.' },
    },
  },
};
