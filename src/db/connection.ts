/** What pg needs to connect to `url` with a session in UTC; settings that the URL's own `options` makes are kept. */
export function connectionConfig(url: string): { connectionString: string; options: string } {
  const utc = '-c TimeZone=UTC';
  const own = URL.canParse(url) ? new URL(url).searchParams.get('options') : null;
  if (own === null) return { connectionString: url, options: utc };
  // pg prefers the URL's options over those beside it.
  const parsed = new URL(url);
  parsed.searchParams.delete('options');
  return { connectionString: parsed.href, options: `${own} ${utc}` };
}
