import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { Event } from './types.ts';

export { WebhookVerificationError };

type Headers = { get(name: string): string | null } | Record<string, string | string[] | undefined>;

/**
 * Verifies a webhook (Standard Webhooks) and gives the event that it brings. An event may be delivered more than once,
 * always with the same `id`; `sequence` is the order.
 * @param body the bytes or the text as they came, before any parsing
 * @param headers of the request, as Node or fetch have them
 * @param secret of the endpoint, `whsec_…`
 * @throws WebhookVerificationError when the signature doesn't hold, or is older than five minutes
 */
export function verifyWebhook(body: string | Uint8Array, headers: Headers, secret: string): Event {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const message = new Webhook(secret).verify(text, {
    'webhook-id': valueOf(headers, 'webhook-id'),
    'webhook-timestamp': valueOf(headers, 'webhook-timestamp'),
    'webhook-signature': valueOf(headers, 'webhook-signature'),
  });
  // What the service signed is an event; its form is the API's promise.
  return (message as { data: Event }).data;
}

function valueOf(headers: Headers, name: string): string {
  const value = typeof headers.get === 'function' ? headers.get(name) : (headers as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
