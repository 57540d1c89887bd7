import { fieldsOf } from './apps.ts';
import type { Clock } from './clock.ts';
import { readInput } from './fields.ts';
import type { Job, Moment } from './job.ts';
import type { Json } from './json.ts';
import { lifetimeOf } from './lifetime.ts';
import type { Sandbox } from './sandbox.ts';

export function stateView(sandbox: Sandbox) {
  return {
    sandbox: true,
    clock: clockView(sandbox.clock),
    jobs: countBy(sandbox.queue.list().map(({ state }) => state)),
    webhooks: countBy(sandbox.webhooks.list().map(({ state }) => state)),
    submissions: sandbox.submissions.list().length,
    settings: sandbox.settings,
    faults: sandbox.faults.list(),
  };
}

export function clockView(clock: Clock): { now: string; speed: number } {
  return { now: new Date(clock.now()).toISOString(), speed: clock.speed() };
}

/** Counts of POSTs to the queue in all, by archive and by input, and each POST unless `brief`. */
export function submissionsView({ submissions }: Sandbox, brief: boolean) {
  const list = submissions.list();
  const jobs = list.filter(({ request_id: id }) => id !== null).length;
  const counts = { posts: list.length, jobs, by_archive: submissions.byArchive(), by_input: submissions.byInput() };
  return brief ? counts : { ...counts, submissions: list };
}

export function jobView(job: Job): Json {
  const faults = [job.faults.job, ...job.faults.webhook].flatMap((rule) => (rule ? [`${rule.on}:${rule.fault}`] : []));
  return {
    request_id: job.id,
    gateway_request_id: job.gatewayId,
    endpoint: job.endpoint,
    state: job.state,
    body: job.raw,
    input: job.input,
    ignored: readInput(fieldsOf(job.app) ?? {}, job.input).ignored,
    webhook_url: job.webhookUrl,
    priority: job.priority,
    start_timeout: job.startTimeout,
    headers: job.headers,
    files_kept_seconds: lifetimeOf(job.headers),
    cancel_requested: job.cancelRequested,
    sent_at: momentView(job.sentAt),
    started_at: momentView(job.startedAt),
    ended_at: momentView(job.endedAt),
    outcome: job.outcome && { ...job.outcome },
    faults,
  };
}

/** By both clocks, since tests may move one of them. */
function momentView(moment: Moment | null): Json {
  if (!moment) return null;
  return { sandbox: new Date(moment.sandbox).toISOString(), wall: new Date(moment.wall).toISOString() };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
