import { t } from '../../support/tap.ts';
import { pythonJson } from '../../../packages/fal-sandbox/src/python-json.ts';

/** Each right side is what Python 3's json.dumps(value, sort_keys=True) prints. */
const cases: [value: Parameters<typeof pythonJson>[0], text: string][] = [
  [{ b: 1, a: [true, null, 'x'] }, '{"a": [true, null, "x"], "b": 1}'],
  [{}, '{}'],
  [[], '[]'],
  [17454220438242315174n, '17454220438242315174'],
  [0.00009, '9e-05'],
  [0.0001, '0.0001'],
  [0.00115, '0.00115'],
  [1e-7, '1e-07'],
  [-0.5, '-0.5'],
  [2500, '2500'],
  [1.5e300, '1.5e+300'],
  ['Zoë "é" 😀\n\u007f', '"Zo\\u00eb \\"\\u00e9\\" \\ud83d\\ude00\\n\\u007f"'],
];

for (const [value, text] of cases) {
  t.equal(pythonJson(value), text, text);
}
t.throws(() => pythonJson(Number.NaN), /finite/);
