/** Advice for a failed connection, by SQLSTATE or by the code of a system or TLS error. */
export function connectAdvice(error: unknown): string {
  const { code = '', message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  const reason = advice[String(code)];
  if (reason !== undefined) return reason;
  if (/does not support SSL/.test(message)) {
    return 'Switch TLS on in the server, or say sslmode=disable in DATABASE_URL where the way to it is safe.';
  }
  if (/password must be a(?: non-empty)? string/.test(message)) {
    return 'The server asks for a password: write it in DATABASE_URL, as user:password@.';
  }
  if (/unsupported startup parameter/.test(message)) {
    return 'A pooler stands between that refuses what a session is to begin with: take `options` out of DATABASE_URL, or let the pooler ignore it (ignore_startup_parameters).';
  }
  return 'Start PostgreSQL there, or correct DATABASE_URL.';
}

const certificate =
  'Name the file of the authority that signed its certificate (sslrootcert=/path/ca.pem in DATABASE_URL); sslmode=no-verify encrypts and checks nothing.';

const advice: Record<string, string> = {
  '3D000': 'Create that database on the server, or correct its name in DATABASE_URL.',
  '28000':
    'Create that role, let it in from here (pg_hba.conf; sslmode=require in DATABASE_URL where TLS is asked for), or correct the user in DATABASE_URL.',
  '28P01': 'Correct user and password in DATABASE_URL; a password with @, /, ?, # or % has them percent-encoded.',
  '42501': 'Grant the role CONNECT on that database, or correct the user in DATABASE_URL.',
  '53300': 'Raise max_connections there, or lower DATABASE_POOL_MAX and the number of processes.',
  '55000': 'Allow connections to that database, or name another one in DATABASE_URL.',
  '57P03': 'It is starting, stopping or recovering: try again.',
  ENOTFOUND: 'No machine is known by that name: correct the host in DATABASE_URL.',
  EAI_AGAIN: 'The name could not be looked up: see the DNS of this machine, or correct the host in DATABASE_URL.',
  ENOENT: 'No socket of PostgreSQL is there: start it, or correct the folder in DATABASE_URL.',
  EACCES: 'This account may not enter the folder of the socket: let it, or name another host in DATABASE_URL.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name: correct the host in DATABASE_URL.',
  CERT_HAS_EXPIRED: 'Its certificate has expired: renew it there.',
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_GET_ISSUER_CERT: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
};
