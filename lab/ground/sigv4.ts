import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/*
 * Checks AWS Signature Version 4 as S3 does, written from AWS's specification and held to its published examples. It
 * shares no code with the SDK whose requests it judges.
 */

export type Signed = { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer };
export type Credentials = { accessKeyId: string; secretAccessKey: string };
/** The code of S3's error document. */
export type Refusal =
  | 'AccessDenied'
  | 'InvalidAccessKeyId'
  | 'NotImplemented'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch'
  | 'XAmzContentSHA256Mismatch';

const skewMs = 15 * 60_000;
const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/** @returns why the request is refused, or null when its signature is good */
export function refusalOf(request: Signed, credentials: Credentials, now: Date): Refusal | null {
  const { headers, body } = request;
  const [, keyId, date = '', region = '', names = '', signature = ''] = form.exec(headers.authorization ?? '') ?? [];
  if (keyId === undefined) return 'AccessDenied';
  if (keyId !== credentials.accessKeyId) return 'InvalidAccessKeyId';
  const stamp = one(headers['x-amz-date']);
  const time = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!stamp.startsWith(date) || !(Math.abs(now.getTime() - time) <= skewMs)) return 'RequestTimeTooSkewed';
  const signed = names.split(';');
  const owed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (!owed.every((name) => signed.includes(name))) return 'AccessDenied';
  const payload = one(headers['x-amz-content-sha256']);
  const isHash = /^[0-9a-f]{64}$/.test(payload);
  if (!isHash && payload !== 'UNSIGNED-PAYLOAD') return 'NotImplemented';
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical(request, signed, payload))].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'))) return 'SignatureDoesNotMatch';
  return isHash && sha256(body) !== payload ? 'XAmzContentSHA256Mismatch' : null;
}

function canonical({ method, url, headers }: Signed, signed: readonly string[], payload: string): string {
  const { pathname, search } = new URL(url, 'http://s3');
  const path = pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  const query = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=', 2);
      return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
    })
    .toSorted();
  const lines = signed.map((name) => `${name}:${one(headers[name]).trim().replace(/ +/g, ' ')}\n`);
  return [method, path, query.join('&'), lines.join(''), signed.join(';'), payload].join('\n');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function one(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
