/** Formats of values in the API; PostgreSQL accepts whatever passes. */
export const formats: Record<string, (text: string) => boolean> = {
  uuid: isUuid,
  'date-time': isTime,
  int64: isInt64,
};

export const formatMeanings: Readonly<Record<string, string>> = {
  uuid: 'must be an id as this API gives them, such as 0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55',
  'date-time':
    'must be a time that exists, in the years 1 to 9999, with its offset, such as 2026-11-22T12:00:00Z; leap seconds are not taken',
  int64: 'must be 9223372036854775807 or less',
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const time = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;
const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

// RFC 9562 §4 only: no URN, no braces.
function isUuid(text: string): boolean {
  return text.length === 36 && uuid.test(text);
}

// RFC 3339 §5.6. Days that a month lacks are refused: V8 would read 30 February as 2 March.
function isTime(text: string): boolean {
  const [, day] = (text.length <= 40 && time.exec(text)) || [];
  if (day === undefined) return false;
  const at = Date.parse(text.toUpperCase());
  const midnight = new Date(`${day}T00:00:00Z`);
  return at >= earliest && at <= latest && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function isInt64(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) <= 9_223_372_036_854_775_807n;
}
