import { isRecord } from './json.ts';
import { seededRandom } from './random.ts';

/** Faults of a job that makes images. */
export const imageFaults = [
  'nsfw',
  'black',
  'no_images',
  'fewer_images',
  'wrong_size',
  'same_images',
  'not_an_image',
  'lora_unreadable',
  'null_fields',
] as const;

/** Every fault by the moment at which it strikes; docs/make-it-fail.md describes each. */
export const faultCatalogue = {
  submit: [
    'unavailable_before',
    'unavailable_after',
    'reset_before',
    'reset_after',
    'cut_body',
    'timeout',
    'slow',
    'unauthorized',
    'forbidden',
    'locked',
    'rate_limited',
    'not_found',
    'server_error',
    'answer',
  ],
  job: ['stuck_in_queue', 'stuck_in_progress', 'fail', 'infrastructure_error', 'server_retry', 'late', ...imageFaults],
  webhook: [
    'none',
    'duplicate',
    'delayed',
    'out_of_order',
    'before_submit_answer',
    'payload_error',
    'payload_error_with_status',
    'stale_timestamp',
    'future_timestamp',
    'wrong_key',
    'foreign_signer',
    'tampered_body',
    'other_request_id',
    'changed_gateway_request_id',
    'error_first',
    'error_after',
  ],
  cancel: ['completes', 'vanishes', 'ignored', 'unavailable'],
  status: ['unavailable', 'unauthorized', 'not_found', 'reset', 'timeout', 'cut_body'],
  result: ['expired', 'unavailable', 'server_error', 'unauthorized', 'reset', 'timeout', 'cut_body'],
  file: ['missing', 'unavailable', 'cut', 'wrong_bytes', 'empty', 'slow', 'reset', 'timeout', 'no_length'],
  upload: ['unavailable', 'put_unavailable', 'part_unavailable', 'reset', 'unauthorized', 'locked'],
  jwks: ['unavailable', 'empty', 'not_json', 'timeout'],
  search: ['unavailable', 'rate_limited', 'timeout'],
} as const;

export type FaultPoint = keyof typeof faultCatalogue;

export interface FaultRule {
  on: FaultPoint;
  fault: string;
  times?: number | 'always';
  /** Probability per occasion, default 1, from a seeded sequence. */
  probability?: number;
  seed?: string | number;
  /** Occasions to skip first. */
  skip?: number;
  /** Filters: endpoint and request id must be equal, the address or archive URL must contain the text. */
  endpoint?: string;
  request_id?: string;
  contains?: string;
  /** Sandbox seconds, for faults with a duration. */
  seconds?: number;
  /** Webhook faults: only this many attempts of a delivery are affected; default all. */
  attempts?: number;
  /** `duplicate`: total deliveries, default 2. */
  copies?: number;
  /** `timeout` of a submission: whether the job is created nevertheless, default true. */
  job?: boolean;
  /** `answer`, `fail`, `infrastructure_error`, `unavailable`: HTTP status, body or detail of the response. */
  status?: number;
  body?: unknown;
  detail?: unknown;
  error_type?: string;
  /** Faults of images: their indexes in a job, from 0; default all, and the last for `fewer_images`. */
  images?: number[];
  /** `fail`, `stuck_in_progress`: the step at which it happens; default the start. */
  step?: number;
}

/** Facts that rules are matched with. */
export interface Occasion {
  endpoint?: string;
  request_id?: string;
  text?: string;
}

export interface Faults {
  set(rules: readonly FaultRule[]): void;
  add(...rules: FaultRule[]): void;
  clear(): void;
  list(): (FaultRule & { struck: number; seen: number })[];
  /** The rules that strike now, in the order they were added, optionally only those of `names`. */
  draw(point: FaultPoint, occasion?: Occasion, names?: readonly string[]): FaultRule[];
}

interface Entry {
  rule: FaultRule;
  struck: number;
  seen: number;
  random: () => number;
}

export function createFaults(initial: readonly FaultRule[] = []): Faults {
  let entries: Entry[] = [];
  const entryOf = (rule: FaultRule): Entry => ({ rule, struck: 0, seen: 0, random: seededRandom(rule.seed ?? 1) });
  const faults: Faults = {
    set(rules) {
      entries = rules.map(parseFaultRule).map(entryOf);
    },
    add(...rules) {
      entries.push(...rules.map(parseFaultRule).map(entryOf));
    },
    clear() {
      entries = [];
    },
    list: () => entries.map(({ rule, struck, seen }) => ({ ...rule, struck, seen })),
    draw: (point, occasion = {}, names) =>
      entries
        .filter(({ rule }) => rule.on === point && (names?.includes(rule.fault) ?? true))
        .filter((entry) => strikes(entry, occasion))
        .map(({ rule }) => rule),
  };
  faults.set(initial);
  return faults;
}

function strikes(entry: Entry, occasion: Occasion): boolean {
  const { rule } = entry;
  if (rule.endpoint !== undefined && rule.endpoint !== occasion.endpoint) return false;
  if (rule.request_id !== undefined && rule.request_id !== occasion.request_id) return false;
  if (rule.contains !== undefined && !occasion.text?.includes(rule.contains)) return false;
  if (rule.times !== 'always' && entry.struck >= (rule.times ?? 1)) return false;
  entry.seen += 1;
  if (entry.seen <= (rule.skip ?? 0)) return false;
  if (rule.probability !== undefined && entry.random() >= rule.probability) return false;
  entry.struck += 1;
  return true;
}

const numberFields = ['probability', 'skip', 'seconds', 'attempts', 'copies', 'status', 'step'];
const textFields = ['endpoint', 'request_id', 'contains', 'error_type'];
const otherFields = ['on', 'fault', 'times', 'seed', 'job', 'body', 'detail', 'images'];

/** @throws a sentence that names the error in the rule */
export function parseFaultRule(value: unknown): FaultRule {
  if (!isRecord(value)) throw new Error('a fault rule must be an object with "on" and "fault"');
  const { on, fault, times } = value;
  const point = Object.entries(faultCatalogue).find(([name]) => name === on);
  if (!point) throw new Error(`"on" must be one of ${Object.keys(faultCatalogue).join(', ')}`);
  const names: readonly string[] = point[1];
  if (typeof fault !== 'string' || !names.includes(fault)) {
    throw new Error(`"fault" on ${point[0]} must be one of ${names.join(', ')}`);
  }
  if (times !== undefined && times !== 'always' && !(typeof times === 'number' && times > 0)) {
    throw new Error('"times" must be a number above 0 or "always"');
  }
  if (value.images !== undefined && !(Array.isArray(value.images) && value.images.every(Number.isInteger))) {
    throw new Error('"images" must be a list of numbers, 0 for the first image');
  }
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined || otherFields.includes(name)) continue;
    if (
      numberFields.includes(name) ? typeof given === 'number' : textFields.includes(name) && typeof given === 'string'
    ) {
      continue;
    }
    throw new Error(`"${name}" is no field of a fault rule, or has the wrong type`);
  }
  // Validated above.
  return value as unknown as FaultRule;
}

/** Accepts one rule, a list of rules or `{ "faults": [...] }`. */
export function parseFaultRules(value: unknown): FaultRule[] {
  const list = isRecord(value) && Array.isArray(value.faults) ? value.faults : value;
  return (Array.isArray(list) ? list : [list]).map(parseFaultRule);
}
