import { randomUUID } from 'node:crypto';
import { jobToken } from '../../../src/fal-jobs/token.ts';
import type { Service } from '../../support/service.ts';
import type { follow } from '../trainings/story.ts';

type Story = ReturnType<typeof follow>;

type Delivery = { url: string; headers: Record<string, string>; body: string };

type Shape = {
  /** What stands in the URL; the token of the training's submission when left out, nothing when null. */
  token?: string | null;
  requestId?: string;
  /** Signed in the place of the body's own. */
  signedId?: string;
  userId?: string;
  /** Seconds beside now. */
  skew?: number;
  key?: 'current' | 'old' | 'unpublished';
  /** The envelope beside the request id, or the whole text. */
  body?: Record<string, unknown> | string;
  /** What is done to the headers after they were signed. */
  headers?: Record<string, string>;
};

/** A webhook as fal would send it about the training, or spoilt as a test asks. */
export async function webhook(service: Service, story: Story, shape: Shape = {}): Promise<Delivery> {
  const { app, sandbox } = service;
  const training = await story.training();
  const requestId = shape.requestId ?? training.fal_request_id ?? randomUUID();
  const rawBody =
    typeof shape.body === 'string'
      ? shape.body
      : JSON.stringify({
          error: null,
          gateway_request_id: requestId,
          payload: {},
          request_id: requestId,
          status: 'OK',
          ...shape.body,
        });
  const timestamp = Math.floor(Date.now() / 1000) + (shape.skew ?? 0);
  const parts = { requestId: shape.signedId ?? requestId, userId: shape.userId ?? sandbox.userId, timestamp, rawBody };
  const submissionId = training.submission_id ?? randomUUID();
  const own = jobToken(app.installation.secret, { kind: 'training', jobId: training.id, submissionId });
  const token = shape.token === undefined ? own : shape.token;
  return {
    url: `${service.url}/webhooks/fal${token === null ? '' : `?t=${token}`}`,
    headers: { 'content-type': 'application/json', ...sandbox.signing.sign(parts, shape.key), ...shape.headers },
    body: rawBody,
  };
}

/** Posts it and gives status and body of the answer. */
export async function post({ url, headers, body }: Delivery) {
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: (text ? JSON.parse(text) : null) as unknown };
}

/** A result whose files exist: both are the archive, so that they are found, and nothing else. */
export async function resultOf(story: Story) {
  const { archive_url: url } = await story.training();
  return { diffusers_lora_file: { url }, config_file: { url } };
}
