/** A served file: an upload on disk, or what a run made, which is generated on each request. */
export interface StoredFile {
  id: string;
  /** In fal's form: `https://v3b.fal.media/files/b/<animal>/sandbox-<id>_<name>`. */
  url: string;
  name: string;
  contentType: string;
  /** 0 and '' for a picture that was never requested, since it is drawn then. */
  size: number;
  sha256: string;
  /** Lifecycle headers of the first request, by lower-case name. */
  lifecycle: Record<string, string>;
  /** Sandbox time of expiry in ms; null for never. */
  expiresAt: number | null;
  /** False until an upload is finished. */
  ready: boolean;
  uploadedAt: string | null;
  content: { path: string } | { bytes: () => Buffer | Promise<Buffer> };
}
