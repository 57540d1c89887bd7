/** A file that the sandbox serves: an upload, which lies on disk, or what a run made, which is made again on each request. */
export interface StoredFile {
  id: string;
  /** The address fal would give, `https://v3b.fal.media/files/b/<animal>/sandbox-<id>_<name>`. */
  url: string;
  name: string;
  contentType: string;
  /** 0 and '' for a picture that was not asked for yet: it is drawn then. */
  size: number;
  sha256: string;
  /** Both lifecycle headers of the initiating request as they came, by lower-case name. */
  lifecycle: Record<string, string>;
  /** Sandbox time at which it ends, in ms; null for never. */
  expiresAt: number | null;
  /** False until an upload is finished. */
  ready: boolean;
  uploadedAt: string | null;
  content: { path: string } | { bytes: () => Buffer | Promise<Buffer> };
}
