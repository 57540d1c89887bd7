import { t } from '../support/tap.ts';
import { isSignedRequest, parseWebhookBody } from '../../src/fal/webhook-body.ts';

const ids = '"gateway_request_id": "g-1", "request_id": "r-1"';

await t.test('a result, with error absent or null', async (t) => {
  const payload =
    '{"diffusers_lora_file": {"file_size": null, "url": "https://v3.fal.media/a"}, "seed": 17454220438242315174}';
  for (const error of ['"error": null, ', '']) {
    const body = parseWebhookBody(Buffer.from(`{${error}${ids}, "payload": ${payload}, "status": "OK"}`));
    t.match(body, { kind: 'ok', falRequestId: 'r-1', gatewayRequestId: 'g-1' });
    t.ok(body.kind === 'ok');
    if (body.kind !== 'ok') return;
    t.equal(body.payloadText, payload.replaceAll(': ', ':').replaceAll(', ', ','));
    t.match(body.payload, { diffusers_lora_file: { url: 'https://v3.fal.media/a' } });
  }
  t.match(parseWebhookBody(`{${ids}, "status": "OK"}`), { kind: 'ok', payload: null, payloadText: 'null' });
  t.match(parseWebhookBody('{"request_id": "r-1", "status": "OK", "payload": 1}'), { gatewayRequestId: null });
});

await t.test('a failure', async (t) => {
  const detail = '[{"loc": ["body", "prompt"], "msg": "field required", "type": "value_error.missing"}]';
  const text = `{${ids}, "error": "Invalid status code: 422", "payload": {"detail": ${detail}}, "status": "ERROR"}`;
  t.match(parseWebhookBody(text), {
    kind: 'error',
    falRequestId: 'r-1',
    failure: {
      status: 422,
      types: ['value_error.missing'],
      message: 'prompt: field required',
      account: null,
      falRequestId: 'r-1',
    },
  });
  t.match(parseWebhookBody(`{${ids}, "error": "Request cancelled", "status": "ERROR"}`), {
    kind: 'error',
    failure: { status: null, types: [], message: 'Request cancelled', detail: 'Request cancelled' },
  });
  t.match(
    parseWebhookBody(`{${ids}, "payload": {"detail": "Oops", "error_type": "runner_server_error"}, "status": "ERROR"}`),
    {
      failure: { errorType: 'runner_server_error', message: 'Oops' },
    },
  );
  t.match(parseWebhookBody(`{${ids}, "status": "ERROR"}`), {
    failure: { message: 'fal gave no reason.', detail: null },
  });
});

await t.test('a payload that fal could not send decides nothing, whatever the status says', async (t) => {
  for (const status of ['OK', 'ERROR']) {
    const text = `{${ids}, "error": "Invalid status code: 404", "payload": null, "payload_error": "no JSON", "status": "${status}"}`;
    t.match(parseWebhookBody(text), { kind: 'payload_error', falRequestId: 'r-1', message: 'no JSON' });
  }
  t.match(parseWebhookBody(`{${ids}, "payload": {}, "payload_error": null, "status": "OK"}`), { kind: 'ok' });
});

await t.test('text that PostgreSQL does not take is replaced', async (t) => {
  const text = `{${ids}, "payload": {"a": "x\\u0000y"}, "status": "OK"}`;
  t.match(parseWebhookBody(text), {
    kind: 'ok',
    payload: { a: 'x\uFFFDy' },
    payloadText: '{"a":"x\uFFFDy"}',
  });
  t.match(parseWebhookBody(`{${ids}, "error": "\\ud800", "status": "ERROR"}`), {
    failure: { message: '\uFFFD' },
  });
});

await t.test('what is no webhook of the contract is unreadable', async (t) => {
  for (const text of ['', 'null', '[]', '{', '{"status": "OK"}', '{"request_id": 7, "status": "OK"}', '\xff']) {
    t.match(parseWebhookBody(text), { kind: 'unreadable', falRequestId: null }, text);
  }
  for (const rest of [
    '"status": "DONE"',
    '"payload": {}',
    '"status": "OK", "error": "no"',
    '"status": "OK", "payload": NaN',
  ]) {
    t.match(parseWebhookBody(`{${ids}, ${rest}}`), { kind: 'unreadable' }, rest);
  }
  const deep = parseWebhookBody(`{${ids}, "status": "OK", "payload": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
  t.match(deep, { falRequestId: 'r-1', kind: 'unreadable', reason: /nested too deeply/ });
  const odd = parseWebhookBody('{"request_id": "r-1", "gateway_request_id": "a\\u0000", "status": "OK"}');
  t.match(odd, { kind: 'ok', gatewayRequestId: null });
});

await t.test('the signed id must be the one in the body', async (t) => {
  const body = parseWebhookBody(`{${ids}, "status": "OK"}`);
  t.equal(isSignedRequest('r-1', body), true);
  t.equal(isSignedRequest('g-1', body), false);
  t.equal(isSignedRequest('', parseWebhookBody('{')), false);
});
