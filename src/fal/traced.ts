import { inSpan, type Note } from '../platform/trace/trace.ts';
import type { Fal } from './fal.ts';

/** Wraps fal so that each call is a span with its outcome, without URLs, inputs or keys. */
export function traceFal(fal: Fal): Fal {
  const outcomeOf = async <T extends { kind: string }>(note: Note, call: Promise<T>): Promise<T> => {
    const outcome = await call;
    note({ 'fal.outcome': outcome.kind });
    return outcome;
  };
  return {
    mode: fal.mode,
    upload: (file, signal) => ask('upload', {}, () => fal.upload(file, signal)),
    submit: (endpoint, input, options) =>
      ask('submit', { 'fal.endpoint': endpoint }, async (note) => {
        const outcome = await outcomeOf(note, fal.submit(endpoint, input, options));
        if (outcome.kind === 'accepted') note({ 'fal.request_id': outcome.falRequestId });
        return outcome;
      }),
    status: (endpoint, falRequestId, signal) =>
      ask('status', aboutJob(endpoint, falRequestId), (note) =>
        outcomeOf(note, fal.status(endpoint, falRequestId, signal)),
      ),
    result: (endpoint, falRequestId, signal) =>
      ask('result', aboutJob(endpoint, falRequestId), (note) =>
        outcomeOf(note, fal.result(endpoint, falRequestId, signal)),
      ),
    cancel: (endpoint, falRequestId, signal) =>
      ask('cancel', aboutJob(endpoint, falRequestId), (note) =>
        outcomeOf(note, fal.cancel(endpoint, falRequestId, signal)),
      ),
    findRequests: (endpoint, query, signal) =>
      ask('find requests', { 'fal.endpoint': endpoint }, () => fal.findRequests(endpoint, query, signal)),
    fetchSigningKeys: (signal) => ask('signing keys', {}, () => fal.fetchSigningKeys(signal)),
    download: (url, to, signal) => ask('download', {}, () => fal.download(url, to, signal)),
  };
}

function ask<T>(what: string, attributes: Record<string, string>, work: (note: Note) => Promise<T>): Promise<T> {
  return inSpan(`fal ${what}`, { kind: 'client', attributes }, work);
}

function aboutJob(endpoint: string, falRequestId: string): Record<string, string> {
  return { 'fal.endpoint': endpoint, 'fal.request_id': falRequestId };
}
