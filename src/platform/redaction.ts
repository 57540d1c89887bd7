/* What must not appear in logs, traces or terminals. */

// Prefixes of keys, user tokens and signing secrets, also escaped in a URL or JSON. Inside a word only the length
// tells them from ordinary text.
const start = String.raw`(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[a-z])|(?<=\\u[0-9A-Fa-f]{4}))`;
const underscore = '(?:_|%5[Ff])';
const bytes = String.raw`(?:\d{1,3},\s?){15,}\d{1,3}`;

const secrets: readonly (readonly [RegExp, string | ((match: string) => string)])[] = [
  [/\bBearer [^\s"\\,]+/gi, 'Bearer …'],
  [/\bKey [^\s"\\:]+:[^\s"\\,]+/g, 'Key …'],
  [new RegExp(String.raw`${start}(lk|lut)${underscore}[\w%-]+`, 'g'), '$1_…'],
  [new RegExp(String.raw`${start}whsec${underscore}[\w%+/=-]+`, 'g'), 'whsec_…'],
  [/(lk|lut|whsec)_[\w+/=-]{32,}/g, '$1_…'],
  [/([?&](?:t|token|sig|signature|X-Amz-[A-Za-z]+)=)[^&\s"\\]+/g, '$1…'],
  [/\/\/[^/\s:@"]+:[^@/\s"]+@/g, '//…@'],
  [/https?:\/\/[^\s"\\]+/g, (address) => (address.includes('.zip') ? '(an archive of photos)' : address)],
  [/Failing row contains \((?:[^"\\]|\\.)*/g, 'Failing row contains (…)'],
  // Bytes as JSON writes a Buffer and a Uint8Array.
  [new RegExp(String.raw`\[${bytes}\]`, 'g'), '["(bytes)"]'],
  [/\{(?:"\d+":\d{1,3},){15,}"\d+":\d{1,3}\}/g, '"(bytes)"'],
];

/** @returns text without keys, tokens, signatures, passwords, photo archives and bound values of statements */
export function withoutSecrets(text: string): string {
  return secrets.reduce(
    (rest, [pattern, replacement]) =>
      typeof replacement === 'string' ? rest.replace(pattern, replacement) : rest.replace(pattern, replacement),
    text,
  );
}
