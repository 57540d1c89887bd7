import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Context } from './context.ts';

export interface WebhookPost {
  /** Posts once and returns the HTTP status. @throws when there is no response within the sandbox seconds */
  post: (url: string, headers: Record<string, string>, body: string, seconds: number) => Promise<number>;
  close: () => Promise<void>;
}

/**
 * Creates the HTTP client for webhooks, which follows no redirect. On a fast clock the receiver has at least the real
 * time of `webhook_timeout_floor_ms`.
 */
export function createWebhookPost({ clock, settings }: Context): WebhookPost {
  const agent = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });
  return {
    async post(url, headers, body, seconds) {
      const abort = new AbortController();
      const sent = { 'content-type': 'application/json', 'user-agent': 'fal-sandbox', ...headers };
      const options = { method: 'POST', headers: sent, body, signal: abort.signal, dispatcher: agent } as const;
      const answered = request(url, options).then(async (answer) => {
        await answer.body.dump();
        return answer.statusCode;
      });
      const floor = clock.speed() > 1 ? settings.webhook_timeout_floor_ms : 0;
      const earliest = performance.now() + floor;
      const takeBack = clock.after(seconds, async () => {
        const early = earliest - performance.now();
        if (early > 0) await Promise.race([delay(early), answered.catch(() => undefined)]);
        abort.abort(new Error(`no answer within ${seconds} s`));
        // The clock stands still until the timeout has taken effect.
        await answered.catch(() => undefined);
      });
      return answered.finally(takeBack);
    },
    close: () => agent.destroy(),
  };
}
