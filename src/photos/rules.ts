/** What a photo must be. Sizes in bytes and pixels. */
export const photoRules = {
  /** Files in one request. */
  maxFiles: 20,
  maxBytes: 20 * 1024 * 1024,
  /** Counted as cameras do, in whole megapixels. */
  maxMegapixels: 24,
  minSide: 512,
} as const;

export const formats = {
  jpg: { contentType: 'image/jpeg', decoder: 'jpeg' },
  png: { contentType: 'image/png', decoder: 'png' },
  webp: { contentType: 'image/webp', decoder: 'webp' },
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
  'too_large',
  'unsupported_format',
  'animated',
  'damaged',
  'too_small',
  'too_many_pixels',
  'duplicate',
  'limit_reached',
  'quota_exceeded',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/** Why a file is not taken; `detail` is a sentence for people that says what to do. */
export type Refusal = { code: RejectionCode; detail: string };
export type Rejection = Refusal & { filename: string | null };
