import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { Event } from './types.ts';

export { WebhookVerificationError };

type Headers = { get(name: string): string | null } | Record<string, string | string[] | undefined>;

/**
 * Verifies a webhook (Standard Webhooks) and returns its event. An event may be delivered more than once with the same
 * `id`; `sequence` is the order.
 * @param body bytes or text as received, before any parsing
 * @param secret of the endpoint, `whsec_…`
 * @throws WebhookVerificationError for a wrong signature, or one older than five minutes
 */
export function verifyWebhook(body: string | Uint8Array, headers: Headers, secret: string): Event {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const message = new Webhook(secret).verify(text, {
    'webhook-id': valueOf(headers, 'webhook-id'),
    'webhook-timestamp': valueOf(headers, 'webhook-timestamp'),
    'webhook-signature': valueOf(headers, 'webhook-signature'),
  });
  // Signed by the service, so it has the form of the API.
  return (message as { data: Event }).data;
}

function valueOf(headers: Headers, name: string): string {
  const value = typeof headers.get === 'function' ? headers.get(name) : (headers as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
