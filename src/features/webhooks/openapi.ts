const header = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: true,
  description,
  schema: { type: 'string' as const },
});

/** What is posted to webhook endpoints, for the `webhooks` member of an OpenAPI document that has the schema Event. */
export const eventWebhook = {
  post: {
    operationId: 'receiveEvent',
    summary: 'An event, sent to a webhook endpoint',
    description:
      'Signed as Standard Webhooks says; verify it with any library of that name. Answer 2xx within 15 seconds. Any other ' +
      'answer is followed by further attempts over three days; 410 disables the endpoint, and `Retry-After` is heeded. An ' +
      'event may come more than once, always with the same `webhook-id`, and before one that happened earlier: ' +
      '`data.sequence` is the order.',
    tags: ['webhooks'],
    security: [],
    parameters: [
      header('webhook-id', 'The id of the event.'),
      header('webhook-timestamp', 'When this attempt was made, in seconds since 1970.'),
      header('webhook-signature', 'One signature, or two while a replaced secret still counts.'),
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
              timestamp: { type: 'string' as const, format: 'date-time', description: 'When it happened.' },
              data: { $ref: '#/components/schemas/Event' },
            },
          },
        },
      },
    },
    responses: {
      '2XX': { description: 'It was received.' },
      410: { description: 'Nothing more is wanted: the endpoint is disabled.' },
    },
  },
};
