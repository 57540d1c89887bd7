export interface StoredFile {
  id: string;
  /** The address fal would give, `https://v3b.fal.media/files/b/<animal>/sandbox-<id>_<name>`. */
  url: string;
  name: string;
  contentType: string;
  size: number;
  sha256: string;
  /** Both lifecycle headers of the initiating request as they came, by lower-case name. */
  lifecycle: Record<string, string>;
  /** Sandbox time at which it ends, in ms; null for never. */
  expiresAt: number | null;
  /** False until an upload is finished. */
  ready: boolean;
  uploadedAt: string | null;
  content: { path: string } | { bytes: () => Buffer };
}
