import { isIP } from 'node:net';
import { DatabaseUrlError, readDatabaseUrl } from './platform/db/url.ts';
import { isPublicAddress } from './platform/http/public-ip.ts';

/** Says what a value is, to follow the setting's name; undefined when it is valid. */
type Check = (value: string) => string | undefined;

const checks: Record<string, Check> = {
  NODE_ENV: (value) =>
    /^prod/i.test(value) && value !== 'production'
      ? 'is not `production`, and looks as if it were meant to be.'
      : undefined,
  DATABASE_URL: (value) => {
    try {
      readDatabaseUrl(value);
      return undefined;
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error;
      return error.fault;
    }
  },
  STORAGE_URL: storageFault,
  PUBLIC_URL: (value) =>
    urlFault(value) ??
    (new URL(value).pathname === '/'
      ? undefined
      : 'has a path: Likeness answers at the root of a host, so give it a host name of its own.'),
  FAL_BASE_URL: urlFault,
  OTEL_EXPORTER_OTLP_ENDPOINT: urlFault,
  HOST: (value) =>
    /^[\w.-]+$/.test(value) || isIP(value.replace(/%.*$/, '')) === 6
      ? undefined
      : 'is no address and no name to listen on: write it without scheme, port and brackets, as 0.0.0.0 or ::.',
  CORS_ORIGINS: (value) => {
    const words = wordsOf(value);
    if (words.includes('*') && words.length > 1)
      return 'names * beside others, which would let in all: say one or the other.';
    return words.map(originFault).find((fault) => fault !== undefined);
  },
  TRUSTED_PROXIES: (value) => {
    const word = wordsOf(value).find((each) => !isProxy(each));
    return word && `names ${word}: write addresses, or networks as 10.0.0.0/8, separated by commas.`;
  },
};

/**
 * Finds values that can never work, beyond their types.
 * @param given settings with a value, trimmed
 * @returns a sentence for each, by name; never a part of a secret
 */
export function findValueFaults(given: Record<string, string>): [name: string, sentence: string][] {
  return Object.entries(given).flatMap(([name, value]): [string, string][] => {
    const fault = anyFault(value) ?? checks[name]?.(value);
    return fault === undefined ? [] : [[name, `${name} ${fault}`]];
  });
}

/** Normalises origins as browsers send them: lower case, ASCII, without default port and slash (RFC 6454, 6.2). */
export function readOrigins(text: string): string[] {
  return wordsOf(text).map((word) => (word === '*' ? word : originOf(new URL(word))));
}

export function readProxies(text: string): string[] {
  return wordsOf(text);
}

// A network of all addresses would trust everyone.
function isProxy(word: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return false;
  return prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** Whether a host is unreachable for fal: this machine, or a private network. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (isIP(host) !== 0) return !isPublicAddress(host);
  // RFC 6761, 6762 and 8375, ICANN's .internal, and names without a dot.
  return !host.includes('.') || /\.(localhost|local|internal|home\.arpa|lan|test|invalid)$/.test(host);
}

function anyFault(value: string): string | undefined {
  if (/^(["'`]).*\1$/s.test(value)) return 'has quotation marks around it: remove them.';
  // No maximum refuses infinity.
  return /^[+-]?infinity$/i.test(value) ? 'must be finite.' : undefined;
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function originFault(word: string): string | undefined {
  if (word === '*') return undefined;
  const form = 'write each as https://host or https://host:port.';
  if (word.includes('*')) return `has a wildcard in it, which matches no origin: name each origin, or * alone for all.`;
  if (!URL.canParse(word)) return `names what is no origin: ${form}`;
  const { pathname, search, hash, username, password, host } = new URL(word);
  if (host === '' || !['', '/'].includes(pathname) || search || hash || username || password) {
    return `names more or less than an origin: ${form}`;
  }
  return undefined;
}

// URL has no origin for the schemes of apps, such as capacitor://localhost.
function originOf({ origin, protocol, host }: URL): string {
  return origin === 'null' ? `${protocol}//${host.toLowerCase()}` : origin;
}

function urlFault(value: string): string | undefined {
  if (!/^https?:\/\//.test(value)) return 'must begin with http:// or https://.';
  if (!URL.canParse(value)) return 'is not a well-formed URL: check its host and port.';
  const { username, password, search, hash } = new URL(value);
  if (username || password) return 'holds credentials, which would be shown wherever it is: remove them.';
  return search || hash || /[?#]/.test(value) ? 'has a query or a fragment: remove it.' : undefined;
}

function storageFault(value: string): string | undefined {
  if (!/^(file:\/\/\/|s3:\/\/)/.test(value)) return 'must begin with file:/// or s3://.';
  if (!URL.canParse(value)) return 'is not a well-formed URL.';
  if (value.startsWith('s3:') || !/[?#]/.test(value)) return undefined;
  return 'has a query or a fragment, and a folder has none: write ? as %3F and # as %23.';
}
