/** Requirements for photos. Sizes in bytes and pixels. */
export const photoRules = {
  maxFiles: 20,
  maxBytes: 20 * 1024 * 1024,
  /** As cameras count: whole megapixels. */
  maxMegapixels: 24,
  minSide: 512,
  /** Longer side divided by shorter. */
  maxAspect: 3,
} as const;

/** `cost`: measured time to decode and encode a pixel, relative to JPEG. */
export const formats = {
  jpg: { contentType: 'image/jpeg', decoder: 'jpeg', cost: 1 },
  png: { contentType: 'image/png', decoder: 'png', cost: 2 },
  webp: { contentType: 'image/webp', decoder: 'webp', cost: 4 },
} as const;
export type PhotoFormat = keyof typeof formats;

export function formatNamed(name: string): PhotoFormat | undefined {
  if (name === 'jpeg') return 'jpg';
  return name === 'jpg' || name === 'png' || name === 'webp' ? name : undefined;
}

export const rejectionCodes = [
  'empty',
  'too-large',
  'unsupported-format',
  'animated',
  'damaged',
  'too-small',
  'too-many-pixels',
  'too-narrow',
  'too-complex',
  'featureless',
  'duplicate',
  'limit-reached',
  'quota-exceeded',
  'rate-limited',
  'overloaded',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/** Why a file is refused; `detail` ends a sentence for people that says what to do. */
export type Refusal = { code: RejectionCode; detail: string };
export type Rejection = Refusal & { filename: string | null };
