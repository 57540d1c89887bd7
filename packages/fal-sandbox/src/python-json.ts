import { isRecord, type Json } from './json.ts';

/**
 * Serialises like Python's `json.dumps(value, sort_keys=True)`: `", "` and `": "` as separators, keys in code point
 * order, non-ASCII escaped, floats by repr. fal signs bodies of this form (fal contract §2.1), so receivers that
 * re-serialise JSON get other bytes.
 */
export function pythonJson(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return pythonNumber(value);
  if (typeof value === 'string') return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (!isRecord(value)) throw new TypeError(`cannot write ${typeof value} as JSON`);
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${pythonString(key)}: ${pythonJson(value[key] as Json)}`).join(', ')}}`;
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Python uses exponents below 1e-4 and from 1e16, padded to two digits. */
function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('cannot write a number that is not finite');
  if (Number.isSafeInteger(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa, exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
