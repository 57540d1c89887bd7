import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Disk } from 'flydrive';
import { BootError } from '../config.ts';
import type { Drive } from './drive.ts';

const known = ['endpoint', 'region'];

/**
 * Opens a bucket as a store. Credentials come from where AWS's SDK looks for them (environment, shared files, instance
 * role), never from the URL. The SDK is loaded only here: it is large, and a store on disk has no use for it.
 * @param url s3://bucket/prefix?endpoint=…&region=…
 * @throws BootError when the URL has other members or holds credentials
 */
export async function openS3(url: URL): Promise<Drive> {
  const { bucket, prefix, endpoint, region } = readLocation(url);
  const { S3Driver } = await import('flydrive/drivers/s3');
  const driver = new S3Driver({
    bucket,
    visibility: 'private',
    // Buckets without access control lists refuse requests that bear one; their policy keeps them private.
    supportsACL: false,
    ...(region && { region }),
    ...(endpoint && { endpoint, forcePathStyle: true }),
    // Servers other than AWS garble streams that carry a trailing checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
  });
  const disk = new Disk(driver);
  return {
    description: `s3://${bucket}/${prefix}${endpoint ? ` at ${new URL(endpoint).host}` : ''}`,
    disk,
    prefix,
    async putFile(key, path, contentType) {
      const { size } = await stat(path);
      await disk.putStream(key, createReadStream(path), { contentType, contentLength: size });
    },
    putBytes: (key, bytes, contentType) => disk.put(key, bytes, { contentType, contentLength: bytes.length }),
    stream: (key) => disk.getStream(key),
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
  // Servers that are named by their address have one region, and rarely care for its name.
  const region = url.searchParams.get('region') ?? (endpoint ? 'us-east-1' : null);
  return { bucket: url.hostname, prefix: path && `${path}/`, endpoint, region };
}
