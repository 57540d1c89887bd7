import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Disk } from 'flydrive';
import { BootError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { withTimeout } from '../async/timeout.ts';
import type { Drive } from './drive.ts';

const known = ['endpoint', 'region'];
// Few retries here: jobs and clients retry as well.
const maxAttempts = 2;
// The SDK would print plain text between the JSON lines of the log.
const mute = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * Opens a bucket as a store. Credentials come from the AWS SDK's usual sources, never from the URL. The SDK is loaded
 * here because it is large and a store on disk does not need it.
 * @param url s3://bucket/prefix?endpoint=…&region=…
 * @param timeoutMs how long an upload may make no progress
 * @throws BootError when the URL has other members or credentials
 */
export async function openS3(url: URL, timeoutMs: number): Promise<Drive> {
  const { bucket, prefix, endpoint, region } = readLocation(url);
  const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { S3Driver } = await import('flydrive/drivers/s3');
  const client = new S3Client({
    ...(region && { region }),
    ...(endpoint && { endpoint, forcePathStyle: true }),
    // Servers other than AWS corrupt streams with a trailing checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: mute,
    maxAttempts,
    // The SDK's requestTimeout only warns; this one ends abandoned requests and tolerates a reader that pauses as
    // long.
    requestHandler: {
      connectionTimeout: limits.storeConnect.ms,
      socketTimeout: Math.max(timeoutMs, limits.storeSocket.ms),
      logger: mute,
    },
  });
  // Buckets without ACLs refuse requests that carry one; their policy keeps objects private.
  const disk = new Disk(new S3Driver({ client, bucket, visibility: 'private', supportsACL: false }));
  return {
    description: `s3://${bucket}/${prefix}${endpoint ? ` at ${new URL(endpoint).host}` : ''}`,
    disk,
    prefix,
    async putFile(key, path, contentType) {
      const { size } = await stat(path);
      const file = createReadStream(path);
      const stored = disk.putStream(key, file, { contentType, contentLength: size });
      const late = () => new Error(`it took nothing more for ${timeoutMs / 1000} s`);
      await withTimeout(timeoutMs, stored, late, () => file.bytesRead).finally(() => file.destroy());
    },
    putBytes: (key, bytes, contentType) => disk.put(key, bytes, { contentType, contentLength: bytes.length }),
    async stream(key, range) {
      const Range = range && `bytes=${range.start}-${range.end}`;
      const { Body, ContentRange } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
      const stream = Body as Readable;
      if (!range || ContentRange?.startsWith(`bytes ${range.start}-${range.end}/`)) return stream;
      stream.destroy();
      throw new Error('the store does not serve parts of objects');
    },
  };
}

function readLocation(url: URL): { bucket: string; prefix: string; endpoint: string | null; region: string | null } {
  const refuse = (sentence: string): never => {
    throw new BootError(`STORAGE_URL ${sentence}`);
  };
  if (url.username || url.password) {
    refuse('holds credentials: give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.');
  }
  const unknown = [...url.searchParams.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) refuse(`has the unknown member ${unknown.join(', ')}: only endpoint and region are known.`);
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !/^https?:\/\/[^/]/.test(endpoint)) {
    refuse('has an endpoint that is not an address: write it as https://host:port.');
  }
  if (!url.hostname) refuse('names no bucket: write it as s3://bucket/prefix.');
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  // A server addressed by IP has a single region and rarely checks its name.
  const region = url.searchParams.get('region') ?? (endpoint ? 'us-east-1' : null);
  return { bucket: url.hostname, prefix: path && `${path}/`, endpoint, region };
}
