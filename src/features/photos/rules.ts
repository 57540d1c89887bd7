/** What a photo must be. Sizes in bytes and pixels. */
export const photoRules = {
  /** Files in one request. */
  maxFiles: 20,
  maxBytes: 20 * 1024 * 1024,
  /** Counted as cameras do, in whole megapixels. */
  maxMegapixels: 24,
  minSide: 512,
  /** The longer side divided by the shorter. */
  maxAspect: 3,
} as const;

/** `cost`: how much longer a pixel takes to decode and encode than one of a JPEG, measured. */
export const formats = {
  jpg: { contentType: 'image/jpeg', decoder: 'jpeg', cost: 1 },
  png: { contentType: 'image/png', decoder: 'png', cost: 2 },
  webp: { contentType: 'image/webp', decoder: 'webp', cost: 4 },
} as const;
export type PhotoFormat = keyof typeof formats;

/** @returns the format of that name; undefined for one that isn't taken */
export function formatNamed(name: string): PhotoFormat | undefined {
  if (name === 'jpeg') return 'jpg';
  return name === 'jpg' || name === 'png' || name === 'webp' ? name : undefined;
}

/** Why a file is not taken; made for programs. */
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

/** Why a file is not taken; `detail` is the end of a sentence for people that says what to do. */
export type Refusal = { code: RejectionCode; detail: string };
export type Rejection = Refusal & { filename: string | null };
