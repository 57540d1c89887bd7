import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { pinnedSettings } from './session.ts';

/** Parameters of a database connection, in pg's terms; `ssl` is absent when the URL does not mention it. */
export type DatabaseAddress = {
  /** Host name, address, or folder of a Unix socket. */
  host: string;
  port: number;
  user?: string;
  password?: string;
  database: string;
  /** Session settings as command-line options; none that Likeness sets. */
  options?: string;
  ssl?: false | (SecureContextOptions & { rejectUnauthorized?: boolean });
};

/** An unusable database URL. `fault` follows the name of the setting or flag. */
export class DatabaseUrlError extends Error {
  override name = 'DatabaseUrlError';
  readonly fault: string;
  constructor(fault: string) {
    super(`The URL of the database ${fault}`);
    this.fault = fault;
  }
}

export const databaseUrlForm = 'postgresql://user:password@host:port/database';

const members = ['host', 'port', 'user', 'password', 'options', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];
const sslModes = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'];
const encoded =
  'in user, password and name of the database write @ as %40, / as %2F, ? as %3F, # as %23, % as %25 and : as %3A';
const standsForNoHost = 'no-host.invalid';

/**
 * Parses a database URL, for the service, its commands and drizzle-kit. Stricter than pg's parser, which ignores
 * unknown members and sends passwords to the wrong place.
 * @param url postgresql://user:password@host:port/database?sslmode=…, or ?host=/folder for a socket
 * @throws DatabaseUrlError, whose message never holds a password
 */
export function readDatabaseUrl(url: string): DatabaseAddress {
  const parsed = parse(url);
  const given = readMembers(parsed);
  const inAuthority = decode(parsed.hostname).replace(/^\[(.*)\]$/, '$1');
  const host = given.get('host') ?? (inAuthority === standsForNoHost ? '' : inAuthority);
  if (host === '') refuse(`names no host: write it as ${databaseUrlForm}, or ?host=/folder for a socket.`);
  if (host.includes(',')) refuse('names several hosts, and one is taken: name the primary, or what stands before it.');
  const user = given.get('user') ?? decode(parsed.username);
  const password = given.get('password') ?? decode(parsed.password);
  if (password !== '' && user === '') refuse(`has a password and no user: write it as ${databaseUrlForm}.`);
  const database = decode(parsed.pathname.slice(1));
  if (database === '') refuse(`names no database: write it as ${databaseUrlForm}.`);
  const ssl = readTls(given);
  const options = readOptions(given);
  return {
    host,
    port: readPort(given.get('port') ?? parsed.port),
    ...(user !== '' && { user }),
    ...(password !== '' && { password }),
    database,
    ...(options !== undefined && { options }),
    // A Unix socket needs no TLS.
    ...(host.startsWith('/') ? { ssl: false as const } : ssl !== undefined && { ssl }),
  };
}

export function databaseUrlWith(url: string, database: string): string {
  const [, before = '', members = ''] = /^([a-z]+:\/\/[^/?#]*)[^?#]*(.*)$/s.exec(url) ?? [];
  return `${before}/${encodeURIComponent(database)}${members}`;
}

function parse(url: string): URL {
  if (!/^postgres(ql)?:\/\//.test(url)) refuse(`is malformed: write it as ${databaseUrlForm}.`);
  // Credentials before an empty host are invalid in a standard URL, though libpq takes them.
  const text = url.replace(/^([a-z]+:\/\/[^/?#]*@)(?=[:/?#]|$)/, `$1${standsForNoHost}`);
  const afterAuthority = /^[a-z]+:\/\/[^/?#]*(.*)$/s.exec(text)?.[1] ?? '';
  // An unescaped delimiter in a password would shift the following parts.
  if (afterAuthority.includes('@')) refuse(`can't be read: ${encoded}.`);
  if (!URL.canParse(text)) refuse(`is not a well-formed URL: check host and port, and ${encoded}.`);
  const parsed = new URL(text);
  if (parsed.hash !== '' || parsed.pathname.slice(1).includes('/')) refuse(`can't be read: ${encoded}.`);
  return parsed;
}

function readMembers({ searchParams }: URL): Map<string, string> {
  const taken = `taken are ${members.join(', ')}`;
  for (const name of searchParams.keys()) {
    if (!members.includes(name)) {
      // Anything but a word may be part of a password.
      refuse(`has the unknown member ${/^\w{1,40}$/.test(name) ? name : '(not a word)'}: ${taken}.`);
    }
    if (searchParams.getAll(name).length > 1) refuse(`has the member ${name} more than once.`);
    if (searchParams.get(name) === '') refuse(`has the member ${name} without a value.`);
  }
  return new Map(searchParams);
}

function readPort(text: string): number {
  const port = Number(text || 5432);
  if (!/^\d*$/.test(text) || port < 1 || port > 65_535)
    refuse('has a port that is none: it is a number from 1 to 65535.');
  return port;
}

function readOptions(given: Map<string, string>): string | undefined {
  const options = given.get('options');
  for (const [, name = ''] of options?.matchAll(/(?:-c\s*|--)([\w.-]+)\s*=/g) ?? []) {
    if (pinnedSettings.has(name.toLowerCase().replaceAll('-', '_'))) {
      refuse(`sets ${name} in its options, which Likeness sets itself: remove it.`);
    }
  }
  return options;
}

// A certificate is verified fully or not at all: libpq's `prefer` would fall back to no TLS.
function readTls(given: Map<string, string>): DatabaseAddress['ssl'] {
  const mode = given.get('sslmode');
  if (mode !== undefined && !sslModes.includes(mode))
    refuse(`has an unknown sslmode: taken are ${sslModes.join(', ')}.`);
  const files = {
    ca: readFile(given, 'sslrootcert'),
    cert: readFile(given, 'sslcert'),
    key: readFile(given, 'sslkey'),
  };
  const named = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined));
  if (mode === undefined && Object.keys(named).length === 0) return undefined;
  if (mode === 'disable') return false;
  if (!fitTogether(files)) {
    refuse('names certificates that can’t be used together: each has to be whole, and the key the certificate’s.');
  }
  return { ...named, rejectUnauthorized: mode !== 'no-verify' };
}

function fitTogether(files: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined }): boolean {
  const read = (text: string | undefined) => text === undefined || new X509Certificate(text).fingerprint256;
  try {
    // Node ignores invalid CA certificates until a connection is made.
    return Boolean(read(files.ca) && read(files.cert) && createSecureContext(files));
  } catch {
    return false;
  }
}

function readFile(given: Map<string, string>, name: string): string | undefined {
  const path = given.get(name);
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(
      `has an ${name} that can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): ${path}.`,
    );
  }
  // Node takes an empty list for its default authorities.
  if (!text.includes('-----BEGIN ')) refuse(`has an ${name} that is no PEM file: ${path}.`);
  return text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`has a % that begins no escape: ${encoded}.`);
  }
}

function refuse(fault: string): never {
  throw new DatabaseUrlError(fault);
}
